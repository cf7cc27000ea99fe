"""Addresses. Those of the screening hold a question's key at most, never an answer."""

from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import path

from .sitemaps import SITEMAPS
from .views import exits, learn, near, outcome, paper, public, question, reopen, start, trying

urlpatterns = [
    path("", start.start, name="start"),
    path("screening/q/<slug:key>/", question.question, name="question"),
    path("screening/check/", outcome.check, name="check"),
    path("screening/results/", outcome.show_results, name="results"),
    path("screening/compare/", outcome.compare, name="compare"),
    path("screening/near/", near.near, name="near"),
    path("screening/summary/", paper.show_summary, name="summary"),
    path("screening/summary.pdf", paper.summary_pdf, name="summary_pdf"),
    path("screening/summary.json", paper.summary_json, name="summary_json"),
    path("screening/not-listed/", exits.not_listed, name="not_listed"),
    path("screening/expired/", exits.expired, name="expired"),
    path("screening/delete/", exits.delete, name="delete"),
    path("screening/deleted/", exits.deleted, name="deleted"),
    path("screening/try/<str:nct_id>/", trying.begin, name="try"),
    path("screening/try/<str:nct_id>/stop/", trying.stop, name="stop_trying"),
    path("reopen/", reopen.reopen, name="reopen"),
    path("leave/", exits.leave, name="leave"),
    path("left/", exits.left, name="left"),
    path("trials/", public.trials, name="trials"),
    path("trials/<str:nct_id>/", public.trial, name="trial"),
    path("robots.txt", public.robots, name="robots"),
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path("learn/", learn.door, name="learn"),
    path("learn/<slug:slug>/", learn.page, name="learn_page"),
    path("admin/", admin.site.urls),
    path("healthz", exits.healthz, name="healthz"),
]
handler400 = "prescreen.views.refusals.bad_request"
handler403 = "prescreen.views.refusals.forbidden"
handler404 = "prescreen.views.exits.not_found"
handler500 = "prescreen.views.exits.trouble"
