"""What the control API asks of a plant that follows its material."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

Table = Mapping[str, object]
"""A table ready for JSON."""


class MaterialDoor(Protocol):
    """The people who carry material: what they bring, what they find, and the truth about all of it.

    Every method raises LookupError for a lot, container or unit that is not there, and ValueError for what cannot be
    done; both with one readable sentence.
    """

    def lots(self) -> Sequence[Table]:
        """Give every lot that the plant received."""
        ...

    def receive(self, lot: Table) -> Table:
        """Receive a lot with its container, from the keys of the request; gives it as it stands then."""
        ...

    def containers(self) -> Sequence[Table]:
        """Give every container and where it is."""
        ...

    def container(self, label: str) -> Table:
        """Give one container."""
        ...

    def put_container(self, label: str, content: Table) -> Table:
        """Make a container, or change what is in it, from the keys of the request; gives it as it stands then."""
        ...

    def send(self, label: str) -> Table:
        """Send a container out of this plant; gives it as it left, which is what `put_container` takes elsewhere."""
        ...

    def bring(self, label: str, unit: str) -> Table:
        """Bring a container to a unit, which takes from it what its next phase needs; gives the container."""
        ...

    def take(self, unit: str, label: str) -> Table:
        """Take what a unit has made away in a container of this label; gives the container."""
        ...

    def truth(self) -> Table:
        """Give the truth: where every gram of every received lot is."""
        ...
