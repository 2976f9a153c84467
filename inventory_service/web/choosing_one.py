"""Fields of which exactly one is given."""

from collections.abc import Sequence, Set

from inventory_service.domain.errors import FieldFault


def one_of(names: Sequence[str], given: Set[str]) -> list[FieldFault]:
    """What is wrong with what is `given` of `names`."""
    found = [name for name in names if name in given]
    if not found:
        others = " or ".join(names[1:]) if len(names) < 3 else ", ".join(names[1:-1]) + f" or {names[-1]}"
        return [FieldFault(names[0], f"is required, or {others} instead")]
    if len(found) == 1:
        return []
    return [FieldFault(name, f"give only one of {', '.join(names[:-1])} and {names[-1]}") for name in found]
