# The commands themselves are in .ci/environment.py, where Windows finds them too.
# Arguments for a command: make lecture ARGS=--no-browser

PYTHON := $(shell command -v python3 || command -v python)

.PHONY: lecture test notebooks bench install lock

lecture test notebooks bench install lock:
	@$(PYTHON) .ci/environment.py $@ $(ARGS)
