"""An evidence base on psychological interventions and support groups for advanced cancer.

    import kb

    base = kb.open()
    base.ask("which RCTs measured pain with SEGT?")
    base.studies(design="rct", outcome="pain").to_frame()
    base.pool(outcome="survival", approach="segt")

The names below are loaded when they are first used, so that importing `kb` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb.answer import Answer as Answer
    from kb.base import Base as Base
    from kb.errors import KbError as KbError
    from kb.pooling.answer import PooledAnswer as PooledAnswer
    from kb.pooling.by_name import pool_table as pool_table
    from kb.question import Question as Question
    from kb.store.opening import open_to_stay as open  # noqa: A004

__version__ = "0.1.0"
__all__ = ["Answer", "Base", "KbError", "PooledAnswer", "Question", "open", "pool_table"]

_HOME = {
    "Answer": "kb.answer:Answer",
    "Base": "kb.base:Base",
    "KbError": "kb.errors:KbError",
    "PooledAnswer": "kb.pooling.answer:PooledAnswer",
    "Question": "kb.question:Question",
    "open": "kb.store.opening:open_to_stay",
    "pool_table": "kb.pooling.by_name:pool_table",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'kb' has no attribute '{name}'")
    module, _, called = _HOME[name].partition(":")
    return getattr(import_module(module), called)
