/* Refused by -Wunused-variable, of -Wall. */
int answer(void);

int answer(void)
{
	int unused;
	return 42;
}
