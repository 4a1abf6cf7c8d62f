"""The addresses of the room."""

from __future__ import annotations

from django.urls import path

from zusage.web.book import views

urlpatterns = [
    path("", views.imports, name="imports"),
    path("new/", views.new, name="new_import"),
    path("<int:pk>/", views.import_page, name="import_page"),
    path("<int:pk>/progress/", views.progress, name="import_progress"),
    path("<int:pk>/add/", views.add, name="add_files"),
    path("<int:pk>/read/", views.read, name="read_import"),
    path("<int:pk>/publish/", views.publish, name="publish_import"),
    path("<int:pk>/undo/", views.undo, name="undo_import"),
    path("<int:pk>/discard/", views.discard, name="discard_import"),
    path("<int:pk>/files/<int:file>/", views.file_page, name="import_file"),
    path("<int:pk>/files/<int:file>/choose/", views.choose, name="choose_file"),
    path("<int:pk>/files/<int:file>/leave-out/", views.leave_out, name="leave_out_file"),
    path("<int:pk>/files/<int:file>/columns/", views.columns, name="map_file"),
]
