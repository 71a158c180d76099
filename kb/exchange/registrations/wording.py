"""The design, the people and the dates of a registration in sentences."""

from collections.abc import Iterator, Mapping
from typing import Any

from kb.exchange.files import cut
from kb.exchange.json_files import mapping, sequence, text, texts
from kb_schema.codes import Topic

_LONGEST = 1_500
_OBSERVED = {"COHORT": "cohort study", "CASE_CONTROL": "case-control study"}
_OUTCOMES = (
    ("primaryOutcomes", "primary"),
    ("secondaryOutcomes", "secondary"),
    ("otherOutcomes", "other"),
)


def words(code: str | None) -> str:
    """Return a code of the registry, such as `SUPPORTIVE_CARE`, as words."""
    return (code or "").replace("_", " ").lower()


def design(module: Mapping[str, Any]) -> str | None:
    """Return the design in the words of the field, as far as the registry's codes tell it."""
    info = mapping(module.get("designInfo"))
    match text(module.get("studyType")):
        case "INTERVENTIONAL":
            return _trial(text(info.get("allocation")), text(info.get("interventionModel")))
        case "OBSERVATIONAL":
            return _observation(text(info.get("timePerspective")), info.get("observationalModel"))
        case other:
            return words(other) or None


def _trial(allocation: str | None, model: str | None) -> str | None:
    if allocation == "RANDOMIZED":
        return "crossover trial" if model == "CROSSOVER" else "randomised controlled trial"
    if allocation == "NON_RANDOMIZED":
        return "non-randomised trial"
    return "single-arm" if model == "SINGLE_GROUP" else None


def _observation(time: str | None, model: Any) -> str:
    if time == "CROSS_SECTIONAL":
        return "cross-sectional"
    code = text(model) or ""
    return _OBSERVED.get(code, words(code) or "observational study")


def design_detail(module: Mapping[str, Any]) -> str | None:
    """Return the design as the registry states it, code by code."""
    info = mapping(module.get("designInfo"))
    parts = {
        "type": module.get("studyType"),
        "allocation": info.get("allocation"),
        "model": info.get("interventionModel") or info.get("observationalModel"),
        "time": info.get("timePerspective"),
        "purpose": info.get("primaryPurpose"),
        "phase": ", ".join(each for each in texts(module.get("phases")) if each != "NA"),
    }
    told = [f"{name} {words(text(value))}" for name, value in parts.items() if text(value)]
    return f"As registered: {', '.join(told)}" if told else None


def statements(protocol: Mapping[str, Any]) -> dict[str, str]:
    """Return what else the registration says, by topic."""
    told = {
        Topic.BLINDING: _masking(protocol),
        Topic.FUNDING: _sponsor(protocol),
        Topic.RECRUITMENT: ". ".join((*_status(protocol), *_planned_size(protocol))),
        Topic.OTHER: _planned_outcomes(protocol),
    }
    return {str(topic): cut(statement, _LONGEST) for topic, statement in told.items() if statement}


def _masking(protocol: Mapping[str, Any]) -> str:
    info = mapping(mapping(protocol.get("designModule")).get("designInfo"))
    masking = mapping(info.get("maskingInfo"))
    if not (code := text(masking.get("masking"))):
        return ""
    masked = ", ".join(words(each) for each in texts(masking.get("whoMasked")))
    return f"Registered masking: {words(code)}{f' ({masked})' if masked else ''}"


def _sponsor(protocol: Mapping[str, Any]) -> str:
    lead = mapping(mapping(protocol.get("sponsorCollaboratorsModule")).get("leadSponsor"))
    name = text(lead.get("name"))
    return f"Registered sponsor: {name}" if name else ""


def _status(protocol: Mapping[str, Any]) -> Iterator[str]:
    module = mapping(protocol.get("statusModule"))
    if status := words(text(module.get("overallStatus"))):
        reason = text(module.get("whyStopped"))
        yield f"Registered status: {status}{f' ({reason})' if reason else ''}"
    for field, event in (("startDateStruct", "Start"), ("completionDateStruct", "Completion")):
        date = mapping(module.get(field))
        if day := text(date.get("date")):
            kind = words(text(date.get("type")))
            yield f"{event} {day}{f' ({kind})' if kind else ''}"


def _planned_size(protocol: Mapping[str, Any]) -> Iterator[str]:
    enrolment = mapping(mapping(protocol.get("designModule")).get("enrollmentInfo"))
    count = text(enrolment.get("count"))
    if count and text(enrolment.get("type")) != "ACTUAL":
        yield f"Planned enrolment {count}"


def _planned_outcomes(protocol: Mapping[str, Any]) -> str:
    module = mapping(protocol.get("outcomesModule"))
    groups = []
    for field, rank in _OUTCOMES:
        if outcomes := [mapping(each) for each in sequence(module.get(field))]:
            named = "; ".join(_outcome(each) for each in outcomes)
            groups.append(f"{len(outcomes)} {rank}: {named}")
    return f"Planned outcomes, {'. '.join(groups)}" if groups else ""


def _outcome(outcome: Mapping[str, Any]) -> str:
    measure, frame = text(outcome.get("measure")) or "unnamed", text(outcome.get("timeFrame"))
    return f"{measure} ({frame})" if frame else measure
