from django import forms
from django.http import JsonResponse
from django.shortcuts import render
from notes.models import Note


class NoteForm(forms.ModelForm):
    class Meta:
        model = Note
        fields = ["title", "attachment"]


def index(request):
    return render(request, "notes/index.html", {"notes": Note.objects.order_by("id"), "form": NoteForm()})


def attach(request):
    form = NoteForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=422)
    note = form.save()
    return JsonResponse({"id": note.id, "title": note.title, "size": note.attachment.size, "path": note.attachment.path})
