"""Stand-ins for what is a paid service: each a server on loopback, with a memory."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType


def fax_accounts() -> dict[str, ModuleType]:
    """The stand-ins of fax accounts by the account's name: the modules here with FATES."""
    modules = {
        module.name: import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    }
    return {name: module for name, module in sorted(modules.items()) if hasattr(module, "FATES")}
