/*
 * table_columns: how wide the columns for people are, private to this folder.
 */
#ifndef LAYERPROOF_REPORT_TABLE_COLUMNS_H
#define LAYERPROOF_REPORT_TABLE_COLUMNS_H

enum {
	VERDICT_WIDTH = 13,
	PRIORITY_WIDTH = 8,
	REASON_WIDTH = 16,
	REFERENCE_WIDTH = 44,
	IDENTITY_WIDTH = 8,
	LEVEL_WIDTH = 8,
	ORIGIN_WIDTH = 11,
};

#endif
