/* Accepted: what the others do wrong, done right. */
#include <stdio.h>

int answer(int value);

int answer(int value)
{
	switch (value) {
	case 1:
		value++;
		__attribute__((fallthrough));
	case 2:
		return printf("%d\n", value);
	default:
		return 42;
	}
}
