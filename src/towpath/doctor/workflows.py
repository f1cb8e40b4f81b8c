"""The workflows: whether they are there, current, started by this project's tags, and the only ones that publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.doctor.nouns import Unasked, Well, advice, problem, unasked
from towpath.doctor.project import counted, problem_of
from towpath.repository.state import committed
from towpath.workflow.current import open_workflows
from towpath.workflow.files import FOLDER
from towpath.workflow.interpreter.events import Event, lets_through
from towpath.workflow.interpreter.reading import problem as fault_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.doctor.documents import Document
    from towpath.doctor.facts import Facts, Publication
    from towpath.doctor.nouns import Answer
    from towpath.gates.publishers import Upload


def current(facts: Facts) -> Iterator[Answer]:
    """Whether the generated workflows are there, are what the pipeline asks for, and are committed."""
    path = f"{FOLDER}/{facts.settings.workflow.release}"
    if not any(document.generated for document in facts.documents):
        others = [document.path for document in facts.by_hand if document.publishes]
        by_hand = f"{' and '.join(others)}, written by hand, {'publishes' if len(others) == 1 else 'publish'}"
        what = f"{by_hand} in its place" if others else "nothing there publishes"
        yield advice(errors.WORKFLOW_ABSENT, path=path, what=what)
        return
    try:
        opened = open_workflows(facts.root, facts.environ, facts.pipeline)
        opened.require_current()
    except errors.TowpathError as error:
        yield from map(problem_of, error.problems)
        return
    uncommitted = [file.path for file in opened.wanted if not _is_committed(facts, file.path)]
    for one in uncommitted:
        yield problem(errors.WORKFLOW_UNCOMMITTED, path=one)
    if not uncommitted:
        yield Well(f"{', '.join(file.path for file in opened.wanted)} and the lock file")


def readable(facts: Facts) -> Iterator[Answer]:
    """Whether every workflow is one that GitHub takes: broken YAML, unknown needs, contexts that are not there."""
    found = False
    for document in facts.documents:
        if document.broken is not None:
            found = True
            yield problem_of(document.broken)
        for fault in document.faults:
            found = True
            yield problem_of(fault_of(fault))
    if not facts.documents:
        yield Unasked("there is no workflow")
    elif not found:
        yield Well(counted(len(facts.documents), "file"))


def second_publisher(facts: Facts) -> Iterator[Answer]:
    """Whether a workflow that was written by hand publishes besides, or is the one that the index knows."""
    found = False
    for document in facts.by_hand:
        for upload in document.uploads:
            for publication in facts.publications:
                if publication.index == upload.index:
                    for answer in _beside(facts, document, upload, publication):
                        found = True
                        yield answer
    if not found:
        yield Well("no workflow but the generated one publishes" if facts.release_workflow else "nothing contradicts")


def environments(facts: Facts) -> Iterator[Answer]:
    """Whether all jobs that publish to an index do so in one environment, which each of them names."""
    found = False
    for index in dict.fromkeys(upload.index for document in facts.by_hand for upload in document.uploads):
        named = {
            upload.environment
            for document in facts.by_hand
            for upload in document.uploads
            if upload.index == index and upload.environment
        }
        if len(named) > 1:
            found = True
            yield problem(errors.ENVIRONMENTS_DIFFER, index=index, environments=", ".join(sorted(named)))
    for document in facts.by_hand:
        for job in document.jobs:
            if job.uploads and not job.environment:
                found = True
                yield advice(errors.ENVIRONMENT_UNNAMED, path=document.path, job=job.id)
    if not found:
        yield Well(", ".join(f"{one.environment} for {one.index}" for one in facts.publications) or "none is needed")


def triggers(facts: Facts) -> Iterator[Answer]:
    """Whether this project's tags start the workflows that publish by tags."""
    if facts.version.answer is None:
        raise unasked(facts.version.why)
    tag = facts.settings.tag.format.format(version=facts.version.answer.version)
    publishing = [document for document in facts.readable if document.publishes]
    if not publishing:
        yield Unasked("no workflow publishes")
        return
    by_tags = [(one, trigger) for one in publishing for trigger in one.triggers if trigger.filters.get("tags")]
    started = [one.path for one, trigger in by_tags if lets_through(trigger, Event.push_tag(tag))]
    for document, trigger in by_tags if not started else ():
        patterns = ", ".join(trigger.filters["tags"])
        yield problem(errors.TRIGGER_MISSES_TAGS, path=document.path, patterns=patterns, tag=tag)
    if started:
        yield Well(f"{tag} starts {' and '.join(started)}")
    elif not by_tags:
        events = dict.fromkeys(trigger.event for one in publishing for trigger in one.triggers)
        yield Well(f"no tag is waited for: started by {', '.join(events)}")


def _beside(facts: Facts, document: Document, upload: Upload, publication: Publication) -> Iterator[Answer]:
    release = facts.release_workflow
    if release is not None:
        both = [start for start in document.starts if start in facts.settings.workflow.triggers]
        if both:
            yield problem(
                errors.PUBLISHED_TWICE,
                path=document.path,
                index=upload.index,
                release=release.path,
                trigger=" and ".join(both),
            )
    if upload.secret or not publication.trusted:
        return  # a token is bound to no names
    chosen = facts.settings.workflow
    there = _place(document.name, upload.environment)
    here = _place(chosen.release, chosen.environments.get(upload.index, upload.index))
    if there != here:
        yield advice(errors.PUBLISHER_NAMES_DIFFER, path=document.path, index=upload.index, there=there, here=here)


def _place(workflow: str, environment: str) -> str:
    return f"{workflow} and the environment {environment}" if environment else f"{workflow} without an environment"


def _is_committed(facts: Facts, path: str) -> bool:
    there = facts.root / path
    held = committed(facts.repository, path)
    return held is not None and held.replace(b"\r\n", b"\n") == there.read_bytes().replace(b"\r\n", b"\n")
