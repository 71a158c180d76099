"""The facets and their values, listed for a reader."""

from kb.errors import UnknownValue
from kb.facets import FACETS
from kb.vocabulary import Vocabulary, facet_values, plain

Listed = tuple[list[str], list[list[str]]]


def facets_listed() -> Listed:
    """Return every facet with what it fixes and an example."""
    rows = [[name, facet.help, facet.example] for name, facet in FACETS.items()]
    return ["facet", "fixes", "example"], rows


def terms_listed(vocabulary: Vocabulary, name: str) -> Listed:
    """Return the values of a facet with their names and other names."""
    facet = FACETS.get(name)
    if facet is None:
        raise UnknownValue(f"There is no facet '{name}'.", f"The facets are {', '.join(FACETS)}.")
    if facet.is_range or name == "text":
        raise UnknownValue(f"--{name} has no list of values.", f"For example {facet.example}.")
    values = facet_values(vocabulary, name)
    if not facet.vocabulary:
        spoken = {
            code: ", ".join(s for s, c in facet.spoken.items() if c == code) for code, _ in values
        }
        return ["value", "also called"], [[code, spoken[code]] for code, _ in values]
    also: dict[str, list[str]] = {}
    for spoken_name, keys in vocabulary.names(facet.vocabulary).items():
        for key in keys:
            also.setdefault(key, []).append(spoken_name)
    rows = [
        [key, label, ", ".join(n for n in also[key] if n not in {plain(key), plain(label)})]
        for key, label in values
    ]
    return ["value", "name", "also called"], rows
