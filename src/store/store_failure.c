/*
 * store: what its failures mean to people.
 */
#include "store_private.h"

#include <errno.h>

int store_fail(int code, const char *what, struct error *err)
{
	switch (code) {
	case MDB_INVALID:
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INCOMPATIBLE:
	case MDB_CURSOR_FULL: /* pages that lead to themselves */
	case MDB_BAD_TXN:     /* what comes behind one of these */
		return error_set(err, ERROR_MALFORMED, "%s: damaged: %s", what, mdb_strerror(code));
	case MDB_VERSION_MISMATCH:
		return error_set(err, ERROR_MALFORMED, "%s: written by another version of LMDB", what);
	case MDB_READERS_FULL:
		return error_set(err, ERROR_SYSTEM, "%s: too many readers at once", what);
	case ENOSPC:
		return error_set(err, ERROR_SYSTEM, "%s: no space left on device", what);
	default:
		return error_set(err, ERROR_SYSTEM, "%s: %s", what, mdb_strerror(code));
	}
}
