/* Refused by -Wshadow. */
int answer(int value);

int answer(int value)
{
	if (value > 0) {
		int value = 42;
		return value;
	}
	return value;
}
