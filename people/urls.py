"""The addresses of people, groups and grants, for operators only."""

from __future__ import annotations

from django.urls import URLPattern, path

from people import decision_log, directory, grant_actions, group, group_actions, invite, person, person_actions

urlpatterns: list[URLPattern] = [
    path("settings/decisions/", decision_log.decisions, name="decisions"),
    path("settings/users/", directory.people, name="people"),
    path("settings/users/invite/", invite.invite, name="invite"),
    path("settings/users/grants/", grant_actions.grant, name="grant"),
    path("settings/users/grants/<int:pk>/revoke/", grant_actions.revoke, name="revoke-grant"),
    path("settings/users/groups/", group_actions.make, name="make-group"),
    path("settings/users/groups/join/", group_actions.join, name="join-group"),
    path("settings/users/groups/leave/", group_actions.leave, name="leave-group"),
    path("settings/users/groups/<int:pk>/", group.group, name="group"),
    path("settings/users/groups/<int:pk>/rename/", group_actions.rename, name="rename-group"),
    path("settings/users/groups/<int:pk>/delete/", group_actions.delete, name="delete-group"),
    path("settings/users/<int:pk>/", person.person, name="person"),
    path("settings/users/<int:pk>/details/", person_actions.details, name="person-details"),
    path("settings/users/<int:pk>/deactivate/", person_actions.deactivate, name="deactivate-person"),
    path("settings/users/<int:pk>/activate/", person_actions.activate, name="activate-person"),
    path("settings/users/<int:pk>/link/", invite.link, name="make-link"),
    path("settings/users/<int:pk>/withdraw/", person_actions.withdraw, name="withdraw-invitation"),
    path("settings/users/<int:pk>/remove/", person_actions.remove, name="remove-person"),
]
