# The commands are in make.py, where Windows finds them too.
# Arguments for a command: make lecture ARGS="--no-browser --port=8890"

# The first that starts: a version manager may leave commands behind that start nothing.
PYTHON := $(shell for name in python3 python python3.13 python3.12 python3.11; do \
	$$name -c "" 2> /dev/null && echo $$name && break; done)

.DEFAULT_GOAL := help
Makefile: ;
%: always
	@$(or $(PYTHON),$(error No Python was found; these lectures need 3.11, 3.12 or 3.13)) \
		make.py $@ $(ARGS)
always: ;
