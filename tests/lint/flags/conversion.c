/* Refused by -Wconversion. */
short answer(long value);

short answer(long value)
{
	return value;
}
