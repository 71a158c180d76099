"""An evidence base on psychological interventions and support groups for advanced cancer.

    import kb

    with kb.open_base() as base:
        for study in base.answer(base.question("studies", outcome="pain", design="rct")).rows:
            print(study["label"])

The names below are loaded when they are first used, so that importing `kb` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb.answer import Answer as Answer
    from kb.base import Base as Base
    from kb.errors import KbError as KbError
    from kb.question import Question as Question
    from kb.store.opening import open_base as open_base

__version__ = "0.1.0"
__all__ = ["Answer", "Base", "KbError", "Question", "open_base"]

_HOME = {
    "Answer": "kb.answer",
    "Base": "kb.base",
    "KbError": "kb.errors",
    "Question": "kb.question",
    "open_base": "kb.store.opening",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'kb' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)
