"""The filter language: comparisons of attributes with literals, parsed by an own grammar, never evaluated as code.

    expression := term ("or" term)*          term := factor ("and" factor)*
    factor     := "not" factor | "(" expression ")" | comparison
    comparison := NAME ("=" | "!=" | "<" | "<=" | ">" | ">=") literal
                | NAME ["not"] "in" "(" literal ("," literal)* ")" | NAME "is" ["not"] "null"
    literal    := NUMBER | 'text', with '' for a quote in it
    NAME       := a word, or anything in "double quotes", with "" for a quote in it

A comparison with a missing value is false, `!=` and `not in` too; `not (...)` turns whatever stands inside it around.
A text is compared with a column of dates as an ISO 8601 time, with others letter by letter; of several values one
must fit, for `!=` and `not in` none may be equal.
"""

from plait.where.expression import Comparison, Expression, Junction, WhereError
from plait.where.parser import parse_where

__all__ = ["Comparison", "Expression", "Junction", "WhereError", "parse_where"]
