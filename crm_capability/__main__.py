"""`python -m crm_capability` is the command `crm-capability`."""

import sys

from .cli import main

sys.exit(main())
