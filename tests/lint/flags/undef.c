/* Refused by -Wundef. */
#if ANSWER
int answer(void);
#endif
int question(void);
