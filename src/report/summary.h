/*
 * summary: one sentence that says what was found; private to this folder.
 */
#ifndef LAYERPROOF_REPORT_SUMMARY_H
#define LAYERPROOF_REPORT_SUMMARY_H

#include "layerproof/finding.h"

/* For people; may hold what strangers wrote. Free with free(). */
char *summary_of(const struct finding *finding);

#endif
