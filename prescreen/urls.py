"""Addresses. Those of the screening hold a question's key at most, never an answer."""

from django.contrib import admin
from django.urls import path

from .views import exits, outcome, public, question, start, trying

urlpatterns = [
    path("", start.start, name="start"),
    path("screening/q/<slug:key>/", question.question, name="question"),
    path("screening/check/", outcome.check, name="check"),
    path("screening/results/", outcome.show_results, name="results"),
    path("screening/summary/", outcome.show_summary, name="summary"),
    path("screening/summary.pdf", outcome.summary_pdf, name="summary_pdf"),
    path("screening/not-listed/", exits.not_listed, name="not_listed"),
    path("screening/expired/", exits.expired, name="expired"),
    path("screening/delete/", exits.delete, name="delete"),
    path("screening/deleted/", exits.deleted, name="deleted"),
    path("screening/try/<str:nct_id>/", trying.begin, name="try"),
    path("screening/try/<str:nct_id>/stop/", trying.stop, name="stop_trying"),
    path("leave/", exits.leave, name="leave"),
    path("left/", exits.left, name="left"),
    path("trials/", public.trials, name="trials"),
    path("trials/<str:nct_id>/", public.trial, name="trial"),
    path("learn/", public.learn, name="learn"),
    path("admin/", admin.site.urls),
    path("healthz", exits.healthz, name="healthz"),
]
handler404 = "prescreen.views.exits.not_found"
handler500 = "prescreen.views.exits.trouble"
