/* Refused by -Wunused-parameter, of -Wextra. */
int answer(int question);

int answer(int question)
{
	return 42;
}
