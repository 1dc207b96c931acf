# The commands themselves are in .ci/environment.py, where Windows finds them too.
# Arguments for a command: make lecture ARGS="--no-browser --port=8890"

# The first that starts: a version manager may leave commands behind that start nothing.
PYTHON := $(shell for name in python3 python python3.13 python3.12 python3.11; do \
	$$name -c "" 2> /dev/null && echo $$name && break; done)

.PHONY: help lecture test notebooks slides pages pdf bench install lock

help lecture test notebooks slides pages pdf bench install lock:
	@$(or $(PYTHON),$(error No Python was found; these lectures need 3.11, 3.12 or 3.13)) \
		.ci/environment.py $@ $(ARGS)
