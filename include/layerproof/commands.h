/*
 * commands: the program, from its words to its exit code.
 */
#ifndef LAYERPROOF_COMMANDS_H
#define LAYERPROOF_COMMANDS_H

/* Finds the command that the arguments of main() name and runs it. Returns the exit code of
 * layerproof(1). */
int commands_run(int argc, char **argv);

#endif
