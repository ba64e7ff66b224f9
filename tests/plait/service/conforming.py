"""Generated requests, wanted and unwanted, and what their answers are held to."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

# Read in here, by no thread beside it: Python 3.11.7 fails where two threads parse sources at once (its issue 106905).
from schemathesis.specs.openapi.schemas import OpenApiSchema

Check: TypeAlias = Callable[..., bool | None]
CHECKS = [
    not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance, checks.response_headers_conformance, checks.negative_data_rejection,
    checks.unsupported_method, checks.missing_required_header, checks.use_after_free,
    checks.ensure_resource_availability, checks.ignored_auth, checks.allow_header_conformance,
    checks.object_level_authorization,
]  # fmt: skip
# The last one, positive_data_acceptance, is for what is `sensible`: a filter, a path of a medium, an id of the
# catalogue are texts by their schema, and most texts are none.
OF_THE_SENSIBLE = [*CHECKS, checks.positive_data_acceptance]
ANSWERS = ["2xx", "404", "409", "412"]
"""How what is sensible is answered: an item may have gone meanwhile, or changed, or there is no earlier model."""


def failures_of(
    schema: OpenApiSchema, mode: GenerationMode, done: Counter[str], *, examples: int, chance: int = 7,
    checked: Sequence[Check] = CHECKS,
) -> list[str]:  # fmt: skip
    """Send so many requests of a kind to each route; count them in `done`, and return what was wrong."""
    failures = []
    schema.config.update(request_timeout=120)
    schema.config.checks.positive_data_acceptance.expected_statuses = ANSWERS
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        try:
            _generated(operation, mode, done, examples, chance, checked)()
        except Unsatisfiable:
            # Nothing about it can be wrong.
            continue
        except (Exception, ExceptionGroup) as error:
            failures.append(f"{operation.label}: {error}")
    return failures


def _generated(
    operation: Any, mode: GenerationMode, done: Counter[str], examples: int, chance: int, checked: Sequence[Check]
) -> Callable[[], None]:
    """Return what sends generated requests to a route, and checks what comes back."""

    @seed(chance)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        done[operation.label] += 1
        case.call_and_validate(checks=list(checked))

    return call
