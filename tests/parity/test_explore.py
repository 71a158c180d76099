import re
from kb.search import _matching, _WORD
from kb.store.relations import search_entry
from sqlalchemy import select
from collections import Counter

def test_explore(base, base_on_postgres):
    words = Counter()
    for title, body in base.connection.execute(select(search_entry.title, search_entry.body)):
        words.update(w for w in _WORD.findall(title + " " + body))
    sample = [w for w, n in words.most_common()]
    bad = []
    for w in sample:
        a = {(h["kind"], h["key"]) for h in _matching(base, w, "all")}
        try:
            b = {(h["kind"], h["key"]) for h in _matching(base_on_postgres, w, "all")}
        except Exception as e:
            base_on_postgres.connection.rollback()
            b = str(e)[:100]
        if a != b: bad.append((w, len(a), len(b) if isinstance(b, set) else b))
    print(len(sample), len(bad))
    for x in bad[:400]: print(x, end=" ")
