"""Tables of conversations. A post is written once; each has the label it is read under."""

from __future__ import annotations

from django.db import models

from seatrial.kernel.ids import new_id


def _thread_id() -> str:
    return new_id("thread")


def _post_id() -> str:
    return new_id("post")


def _attachment_id() -> str:
    return new_id("attachment")


class Thread(models.Model):
    id = models.CharField(primary_key=True, max_length=40, default=_thread_id)
    review = models.ForeignKey("cases.Review", on_delete=models.PROTECT, related_name="threads")
    kind = models.CharField(max_length=12)
    subject = models.CharField(max_length=200)
    opened_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    internal = models.BooleanField()
    label = models.CharField(max_length=1000)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(kind="request", internal=True), name="thread_request_is_for_both_sides"
            ),
        ]


class Post(models.Model):
    """``number`` is the order of writing over the whole instance, and is shown to nobody."""

    number = models.BigAutoField(primary_key=True)
    id = models.CharField(max_length=40, unique=True, default=_post_id)
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="posts")
    at = models.DateTimeField()
    by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=12)
    text = models.TextField()
    internal = models.BooleanField()
    answers = models.BooleanField(default=False)
    label = models.CharField(max_length=1000)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(internal=True, answers=True), name="post_answer_is_for_both"),
        ]
        indexes = [models.Index(fields=["thread", "label", "at"], name="post_activity")]


class Attachment(models.Model):
    """A file of a post. Its bytes are on the shelf under ``digest``; its label is the post's."""

    id = models.CharField(primary_key=True, max_length=40, default=_attachment_id)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=200)
    media = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=71, db_index=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(size__gt=0), name="attachment_has_bytes")]


class Sighting(models.Model):
    """Somebody outside the developer was shown something. Written at most once an hour a person and thing."""

    review = models.ForeignKey("cases.Review", on_delete=models.PROTECT, related_name="sightings")
    kind = models.CharField(max_length=12)
    object = models.CharField(max_length=80)
    person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.CharField(max_length=40)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "kind", "object", "person"], name="sighting_once"),
            models.CheckConstraint(condition=models.Q(first_at__lte=models.F("last_at")), name="sighting_in_order"),
        ]
