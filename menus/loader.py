"""From the files to a line that can be called: the tree, its phrasebooks, and their joint hash."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

from pydantic import ValidationError

from common.findings import Finding, TreeError
from common.yaml_source import Source, Value, read_yaml
from menus.facts import Fact, read_facts
from menus.phrasebook import Phrasebook, PhraseError, is_sentence
from menus.schema_errors import explain
from menus.source import lay_over
from menus.speech import SpeechError
from menus.structure_checks import check_rules
from menus.tree import Form, Goto, Hangup, Info, Limits, Menu, Node, Option, Transfer, Tree
from menus.tree_schema import (
    FormPart,
    GotoPart,
    HangupPart,
    InfoPart,
    MenuPart,
    NodePart,
    TransferPart,
    TreePart,
)


@dataclass(frozen=True, eq=False)
class Line:
    """A tree with its sentences. ``tree_hash`` changes with any byte of any of their files.

    ``tree_source`` and ``prompt_sources`` (by language) know where everything stands in the files.
    ``facts`` are the published figures that sentences say by name.
    """

    tree: Tree
    phrasebooks: Mapping[str, Phrasebook]
    tree_hash: str
    tree_source: Source = field(repr=False)
    prompt_sources: Mapping[str, Source] = field(repr=False)
    facts: Mapping[str, Fact] = field(repr=False, default_factory=dict)


def load_line(tree_path: Path, prompts_dir: Path) -> Line:
    """Load a tree file, ``<language>.yaml`` for each of its languages, and their ``facts.yaml``.

    A tree with ``words: name`` lays ``<name>.<language>.yaml`` over them: its own sentences.

    Raises TreeError with every flaw found. A line that loads can be walked; whether it is fit for
    callers is for ``menus.check.check_line`` to say.
    """
    source = read_yaml(tree_path)
    part = _validate(source)
    findings: list[Finding] = []
    phrasebooks: dict[str, Phrasebook] = {}
    sources: dict[str, Source] = {}
    facts, facts_source = read_facts(prompts_dir)
    for index, language in enumerate(part.languages):
        paths = [prompts_dir / f"{language}.yaml"]
        if part.words is not None:
            paths.append(prompts_dir / f"{part.words}.{language}.yaml")
        if lost := [path for path in paths if not path.is_file()]:
            message = f"there is no prompt file '{lost[0]}' for language '{language}'"
            hint = "Write it, or take the language out."
            place = ("languages", index)
            findings.append(source.finding(place, "no-prompt-file", message, hint))
            continue
        try:
            sources[language] = reduce(lay_over, map(read_yaml, paths))
            phrasebooks[language] = _phrasebook(language, sources[language], facts)
        except TreeError as error:
            findings.extend(error.findings)
        except SpeechError:
            message = f"nothing here can speak the language '{language}'"
            hint = "Write menus/speech for it, or take the language out."
            findings.append(source.finding(("languages", index), "no-speech", message, hint))
    if findings:
        raise TreeError(findings)
    hashed = {"tree": source} | ({"facts": facts_source} if facts_source else {}) | sources
    tree = _build(part, phrasebooks)
    return Line(tree, phrasebooks, _hash(hashed), source, sources, facts)


def _validate(source: Source) -> TreePart:
    findings = list(check_rules(source))
    try:
        part = TreePart.model_validate(source.root)
    except ValidationError as error:
        raise TreeError([*findings, *explain(source, error)]) from None
    if findings:
        raise TreeError(findings)
    return part


def _hash(sources: Mapping[str, Source]) -> str:
    digest = hashlib.sha256()
    for name, source in sources.items():
        digest.update(f"{name} {len(source.content)}\n".encode())
        digest.update(source.content)
    return digest.hexdigest()


def _phrasebook(language: str, source: Source, facts: Mapping[str, Fact]) -> Phrasebook:
    sentences: dict[str, str] = {}
    findings: list[Finding] = []
    _flatten(source, source.root, (), sentences, findings)
    if findings:
        raise TreeError(findings)
    try:
        return Phrasebook(language, sentences, {name: fact.value for name, fact in facts.items()})
    except PhraseError as error:
        message = f"prompt '{error.prompt}': {error.problem}"
        hint = "Ask for one of these forms, or for none."
        place = tuple(error.prompt.split("."))
        raise TreeError([source.finding(place, "unknown-slot-form", message, hint)]) from error


def _flatten(
    source: Source,
    mapping: dict[str, Value],
    location: tuple[str, ...],
    sentences: dict[str, str],
    findings: list[Finding],
) -> None:
    for key, value in mapping.items():
        here = (*location, key)
        if not key.replace("_", "").isalnum() or not key.isascii() or key != key.lower():
            hint = "Use lower-case letters a-z, digits and underscores."
            message = f"'{key}' is not part of a prompt id"
            findings.append(source.finding(here, "bad-value", message, hint))
        if isinstance(value, dict):
            _flatten(source, value, here, sentences, findings)
        elif isinstance(value, str) and value.strip():
            sentences[".".join(here)] = value
            if not is_sentence(value):
                message = f"prompt '{'.'.join(here)}' has a brace that is not part of a slot"
                hint = "Write a slot as {name} or {name:form}."
                findings.append(source.finding(here, "bad-slot", message, hint))
        else:
            what = "a list" if isinstance(value, list) else "empty"
            message = f"prompt '{'.'.join(here)}' is {what}, not a sentence"
            hint = "Write one sentence, in quotes when it begins with { or [."
            findings.append(source.finding(here, "no-sentence", message, hint))


def _build(part: TreePart, phrasebooks: Mapping[str, Phrasebook]) -> Tree:
    limits = Limits(**part.limits.model_dump())
    prompts = frozenset[str]().union(*(book.ids for book in phrasebooks.values()))
    return Tree(
        service=part.service,
        languages=tuple(part.languages),
        opening=tuple(part.opening),
        limits=limits,
        operator=part.operator,
        offers=tuple(part.offers),
        published_paths=dict(part.published_paths),
        root=_menu(part, "", limits, prompts),
        rules=_rules(part.options),
    )


def _rules(options: Mapping[str, NodePart]) -> dict[str, tuple[str, ...]]:
    """The rules by form, transfer and statement; one said in two places has those of both."""
    rules: dict[str, tuple[str, ...]] = {}
    for name, told in _told(options):
        rules[name] = tuple(dict.fromkeys((*rules.get(name, ()), *told)))
    return rules


def _told(options: Mapping[str, NodePart]) -> Iterator[tuple[str, list[str]]]:
    for node in options.values():
        match node:
            case MenuPart(options=below):
                yield from _told(below)
            case FormPart(form=node_id, rules=list(rules)):
                yield node_id, rules
            case TransferPart(transfer=node_id, statements=statements, rules=rules):
                if rules:
                    yield node_id, rules
                if isinstance(statements, dict):
                    yield from statements.items()
            case InfoPart(statements=statements, rules=rules):
                own = statements if isinstance(statements, dict) else {}
                for prompt in _statements(node):
                    if told := [*(rules or []), *own.get(prompt, [])]:
                        yield prompt, told


def _statements(info: InfoPart) -> tuple[str, ...]:
    return tuple(info.statements or [f"info.{info.info}"])


def _menu(part: TreePart | MenuPart, path: str, limits: Limits, prompts: frozenset[str]) -> Menu:
    options = (
        Option(key, _node(node, f"{path}.{key}" if path else key, limits, prompts))
        for key, node in sorted(part.options.items())
    )
    introduction = f"menus.{part.menu}"
    return Menu(
        id=part.menu,
        path=path,
        say=introduction if introduction in prompts else None,
        options=tuple(options),
        timeout=part.timeout or limits.timeout,
        max_noinput=part.max_noinput or limits.max_noinput,
        max_nomatch=part.max_nomatch or limits.max_nomatch,
    )


def _node(part: NodePart, path: str, limits: Limits, prompts: frozenset[str]) -> Node:
    match part:
        case MenuPart():
            return _menu(part, path, limits, prompts)
        case FormPart(form=node_id, uses=uses):
            return Form(node_id, path, uses or node_id)
        case InfoPart(info=node_id):
            text = f"texts.{node_id}"
            return Info(
                node_id,
                path,
                _statements(part),
                text if text in prompts else None,
                tuple(part.rests or ()),
            )
        case TransferPart():
            return _transfer(part, path, prompts)
        case GotoPart(goto=node_id, to=target):
            return Goto(node_id, path, target)
        case HangupPart(hangup=node_id):
            return Hangup(node_id, path, f"hangup.{node_id}")


def _transfer(part: TransferPart, path: str, prompts: frozenset[str]) -> Transfer:
    own, closed = f"transfers.{part.transfer}", f"closed.{part.transfer}"
    return Transfer(
        id=part.transfer,
        path=path,
        desk=part.desk,
        say=part.say or (own if own in prompts else "transfer.connecting"),
        closed=closed if closed in prompts else "transfer.closed",
        statements=tuple(part.statements or ()),
        offers=tuple(part.offers),
    )
