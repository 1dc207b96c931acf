"""Every warning is an error, but for one that is TensorFlow's own."""

import pytest

# The code that AutoGraph makes of a function warns about itself on Python 3.13.
AUTOGRAPH = ".*___pyct_anno"
no_warnings = pytest.mark.filterwarnings("error", f"ignore:{AUTOGRAPH}:DeprecationWarning")
