/* Refused by -Wstrict-prototypes. */
int answer();
