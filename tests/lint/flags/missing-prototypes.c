/* Refused by -Wmissing-prototypes. */
int answer(void)
{
	return 42;
}
