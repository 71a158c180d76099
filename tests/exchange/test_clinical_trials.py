"""Registrations of ClinicalTrials.gov as candidate studies. All of them here are made up."""

import json
from pathlib import Path
from typing import Any

import pytest

from kb.exchange.drafts import ArmDraft, Fate, Reading, ReportDraft, StudyDraft
from kb.exchange.files import FileProblem, open_file
from kb.exchange.readers import clinical_trials

FILE = Path(__file__).parent / "files" / "citations" / "trials.json"


def read(path: Path, **given: str) -> Reading:
    return clinical_trials.read(open_file(path), given)


def of_design(tmp_path: Path, **module: Any) -> StudyDraft:
    protocol = {
        "identificationModule": {"nctId": "NCT99999909", "briefTitle": "Made up"},
        "designModule": module,
    }
    path = tmp_path / "trial.json"
    path.write_text(json.dumps({"protocolSection": protocol}), encoding="utf-8")
    (study,) = read(path).studies()
    return study


@pytest.fixture(scope="module")
def trial() -> StudyDraft:
    return next(read(FILE).studies())


def test_a_registration_tells_of_a_study(trial: StudyDraft) -> None:
    assert (trial.name, trial.registration) == ("NCT99999901", "NCT99999901")
    assert trial.title == "A Made-up Randomized Trial of Supportive-Expressive Group Therapy"
    assert trial.design == "randomised controlled trial"
    assert trial.countries == ["Canada", "Australia"]
    assert trial.cancers == ["Metastatic Breast Cancer"]
    assert (trial.enrolled, trial.randomised, trial.started) == (120, None, 2015)


def test_arms_have_the_name_of_what_they_were_offered_and_a_role_where_it_is_told(
    trial: StudyDraft,
) -> None:
    assert trial.arms == [
        ArmDraft(
            1,
            "Supportive-expressive group therapy",
            "intervention",
            offered="Supportive-expressive group therapy",
            detail="Arm 1. Weekly sessions.",
            otherwise=("Arm 1", "Weekly sessions."),
        ),
        ArmDraft(1, "Usual care", "control", otherwise=("Usual care",)),
        ArmDraft(1, "Waiting list", otherwise=("Waiting list",)),
    ]


def test_planned_outcomes_are_told_and_none_is_measured(trial: StudyDraft) -> None:
    assert trial.measurements == []
    assert trial.characteristics["other"] == (
        "Planned outcomes, 1 primary: Pain (12 months). 2 secondary: Mood (12 months); Survival"
    )


def test_the_registration_and_the_publications_of_the_study_are_its_reports(
    trial: StudyDraft,
) -> None:
    registration, result, other = trial.reports

    assert (registration.kind, registration.url) == (
        "webpage",
        "https://clinicaltrials.gov/study/NCT99999901",
    )
    assert result == ReportDraft(
        row=1,
        name="PMID 99999901",
        title="A made-up result: of a trial",
        authors="Nobody AB, Somebody C",
        container="J Made Up",
        year=2019,
        volume="12",
        issue="3",
        pages="101-109",
        doi="10.9999/made.up.1",
        pmid="99999901",
    )
    assert (other.title, other.pmid) == ("[In another style]", "99999902")


def test_a_planned_size_is_no_count_of_people() -> None:
    _, cohort = read(FILE).studies()

    assert cohort.enrolled is None
    assert cohort.characteristics["recruitment"] == "Planned enrolment 40"
    assert cohort.design == "cohort study"


def test_what_is_not_taken_over_is_told() -> None:
    reading = read(FILE)

    assert [(note.row, note.rule) for note in reading.notes if note.fate == Fate.EXPLAINED] == [
        (1, "posted results"),
        (1, "planned outcomes"),
    ]
    assert [note.field for note in reading.notes if note.fate == Fate.IGNORED] == [
        "descriptionModule",
        "references",
    ]
    assert [note.rule for note in reading.notes if note.fate == Fate.WARNED] == [
        "publication left out"
    ]


def test_every_registration_is_a_draft_or_refused() -> None:
    reading = read(FILE)
    refused = [(note.row, note.rule) for note in reading.notes if note.fate == Fate.REFUSED]

    assert reading.rows == 4
    assert [study.row for study in reading.studies()] == [1, 2]
    assert refused == [(3, "duplicate"), (4, "no registration number")]


def test_the_words_of_a_registration_are_pairs_without_blanks(trial: StudyDraft) -> None:
    pairs = dict(pair.split("=", 1) for pair in trial.words[1].split(" "))

    assert pairs["nctId"] == "NCT99999901"
    assert pairs["conditions"] == "Metastatic_Breast_Cancer,_Metastatic_Breast_Cancer"
    assert pairs["enrollment"] == "120"
    assert len(pairs) <= 25


@pytest.mark.parametrize(
    ("allocation", "model", "design"),
    [
        ("RANDOMIZED", "PARALLEL", "randomised controlled trial"),
        ("RANDOMIZED", "CROSSOVER", "crossover trial"),
        ("NON_RANDOMIZED", "PARALLEL", "non-randomised trial"),
        ("NA", "SINGLE_GROUP", "single-arm"),
        (None, None, None),
    ],
)
def test_the_design_is_what_the_codes_tell(
    allocation: str | None, model: str | None, design: str | None, tmp_path: Path
) -> None:
    info = {"allocation": allocation, "interventionModel": model}

    assert of_design(tmp_path, studyType="INTERVENTIONAL", designInfo=info).design == design


@pytest.mark.parametrize("kind", ["ACTUAL", "ESTIMATED", None])
def test_only_an_actual_count_is_one_of_people(kind: str | None, tmp_path: Path) -> None:
    study = of_design(tmp_path, enrollmentInfo={"count": 7, "type": kind})

    assert study.enrolled == (7 if kind == "ACTUAL" else None)


def test_constants_fill_what_a_registration_lacks() -> None:
    trial, cohort = read(FILE, country="Canada", cancer="breast").studies()

    assert trial.countries == ["Canada", "Australia"]
    assert (cohort.countries, cohort.cancers) == (["Canada"], ["breast"])


def test_other_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"studies": []}', encoding="utf-8")

    with pytest.raises(FileProblem, match="holds no registration"):
        read(path)
