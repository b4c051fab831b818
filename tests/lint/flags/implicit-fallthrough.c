/* Refused by -Wimplicit-fallthrough. */
int answer(int value);

int answer(int value)
{
	switch (value) {
	case 1:
		value++;
	case 2:
		return value;
	default:
		return 42;
	}
}
