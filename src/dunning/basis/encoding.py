"""What a file is written in, as far as its first bytes tell: `Unicode` of Windows and Excel is UTF-16.

Rule files and files of accounts are UTF-8; of a file in UTF-16 every line would be wrong, and none would say why.
"""

from __future__ import annotations

_MARKS = (b"\xff\xfe", b"\xfe\xff")


def is_utf16(start: bytes) -> bool:
    """Whether a file that begins so is UTF-16: by its mark, or since every other byte is zero."""
    if start.startswith(_MARKS):
        return True
    pairs = start[: min(64, len(start) // 2 * 2)]
    return len(pairs) >= 4 and (not any(pairs[::2]) or not any(pairs[1::2])) and any(pairs)
