/* Refused by -Wdiscarded-qualifiers, which -Wwrite-strings wakes. */
char *answer(void);

char *answer(void)
{
	return "42";
}
