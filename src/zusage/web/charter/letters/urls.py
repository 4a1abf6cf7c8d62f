"""The addresses of letters: of waves and texts, and below a customer."""

from __future__ import annotations

from django.urls import path

from zusage.web.charter.letters import views

urlpatterns = [
    path("", views.waves, name="letters"),
    path("new/", views.new_wave, name="letter_wave_new"),
    path("texts/", views.texts, name="letter_texts"),
    path("texts/<slug:kind>/<slug:code>/", views.text, name="letter_text"),
    path("texts/<slug:kind>/<slug:code>/save/", views.save_text, name="letter_text_save"),
    path("weeks/<int:pk>/make/", views.make_week, name="letter_week_make"),
    path("weeks/<int:pk>/handed/", views.handed, name="letter_week_handed"),
    path("weeks/<int:pk>/letters.pdf", views.week_paper, name="letter_week_paper"),
    path("weeks/<int:pk>/addresses.xlsx", views.week_addresses, name="letter_week_addresses"),
    path("letter/<int:pk>/", views.letter, name="letter"),
    path("letter/<int:pk>/letter.pdf", views.letter_paper, name="letter_paper"),
    path("<int:pk>/", views.wave, name="letter_wave"),
    path("<int:pk>/left-out/", views.left_out, name="letter_wave_left_out"),
    path("<int:pk>/again/", views.plan_again, name="letter_wave_again"),
    path("<int:pk>/text/", views.wave_text, name="letter_wave_text"),
    path("<int:pk>/text/save/", views.save_wave_text, name="letter_wave_text_save"),
    path("<int:pk>/release/", views.release_wave, name="letter_wave_release"),
    path("<int:pk>/stop/", views.stop_letters, name="letter_wave_stop"),
]
customer_patterns = [
    path("<path:number>/letters/", views.customer_letters, name="customer_letters"),
    path("<path:number>/letters/new/", views.customer_letter, name="customer_letter_new"),
]
