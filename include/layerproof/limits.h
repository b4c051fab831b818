/*
 * limits: every bound of the program, in one place. Each is enforced where the bytes arrive.
 * Sizes are in bytes, times in seconds.
 */
#ifndef LAYERPROOF_LIMITS_H
#define LAYERPROOF_LIMITS_H

#include <stdint.h>

#define LIMIT_KIB(n) ((int64_t)(n) << 10)
#define LIMIT_MIB(n) ((int64_t)(n) << 20)
#define LIMIT_GIB(n) ((int64_t)(n) << 30)

/* Documents (registry-facts 20) */
#define LIMIT_MANIFEST_SIZE   LIMIT_MIB(4)
#define LIMIT_CONFIG_SIZE     LIMIT_MIB(8)
#define LIMIT_TOKEN_SIZE      LIMIT_MIB(1)
#define LIMIT_ERROR_BODY_SIZE LIMIT_KIB(64)
#define LIMIT_HEADERS_SIZE    LIMIT_KIB(64)
#define LIMIT_ETAG_SIZE       256

/* Image trees */
enum {
	LIMIT_INDEX_NESTING = 4,
	LIMIT_INDEX_CHILDREN = 1000, /* of one index, and of one tree with all its indexes */
	LIMIT_LAYERS = 1000,
	LIMIT_HISTORY = 10000, /* entries; a longer history is left unread */
};
#define LIMIT_TREE_SIZE LIMIT_MIB(32) /* all documents of one tree, one met twice counted twice */

/* Lists of tags */
#define LIMIT_TAGS_PAGE_SIZE LIMIT_MIB(16)
enum {
	LIMIT_TAGS = 100000, /* of one repository */
	LIMIT_TAG_PAGES = 10000,
	LIMIT_TAGS_ASKED = 1000, /* on a page */
};

/* Layers: deflate itself cannot pass 1,032:1; zstd can, and is held to the same. */
#define LIMIT_LAYER_COMPRESSED   LIMIT_GIB(16)
#define LIMIT_LAYER_UNCOMPRESSED LIMIT_GIB(64)
#define LIMIT_ZSTD_WINDOW_LOG    27 /* 128 MiB */
#define LIMIT_LAYER_WINDOW_LOG   23 /* 8 MiB: what every layer may take; larger ones must wait */
/* What one layer in flight takes: its chunks, the state and window of its decompressor, the paths
 * of its tar. All of them together are bounded by `--memory`: see crew.h. */
#define LIMIT_LAYER_MEMORY   LIMIT_MIB(16)
#define LIMIT_MEMORY_DEFAULT LIMIT_MIB(512)
#define LIMIT_MEMORY_LEAST   LIMIT_MIB(64)
/* What a layer may hold before its ratio counts: a zstd block of zeros at its start is no bomb. */
#define LIMIT_LAYER_RATIO_SLACK LIMIT_MIB(32)
enum {
	LIMIT_LAYER_RATIO = 1032,
	LIMIT_LAYER_SECONDS = 14400, /* four hours: 16 GiB at a little over 1 MiB/s */
	LIMIT_TAR_ENTRIES = 4000000,
	LIMIT_TAR_PATHS_COMPARED = 393216, /* of one layer, to find those that come twice: 4 MiB */
};
#define LIMIT_TAR_PATH   LIMIT_KIB(64)
#define LIMIT_TAR_HEADER LIMIT_MIB(1)

/* Archives of images (oci-archive, docker-archive): the table of members is held in memory. */
enum {
	LIMIT_ARCHIVE_MEMBERS = 100000,
	LIMIT_ARCHIVE_LINKS = 16, /* followed from one member to the next */
};
#define LIMIT_ARCHIVE_NAMES LIMIT_MIB(16) /* all names and link targets together */

/* JSON */
enum {
	LIMIT_JSON_DEPTH = 64,
	LIMIT_JSON_VALUES = 500000, /* each takes some fifty bytes once parsed */
};

/* HTTP */
enum {
	LIMIT_CONNECT_SECONDS = 10,
	LIMIT_IDLE_SECONDS = 30,       /* without a byte */
	LIMIT_INTERRUPTED_SECONDS = 5, /* the same once a signal has come */
	LIMIT_REQUEST_SECONDS = 60,    /* whole request; blobs have none */
	LIMIT_SECONDS_MOST = 3600,     /* of these three, by the configuration */
	LIMIT_SLOWEST_RATE = 1024,     /* bytes a second of a blob, over twice the idle seconds */
	LIMIT_STALLS = 1,              /* time-outs in one blob after which the rest is asked for */
	LIMIT_RESTARTS = 2,  /* of a blob from its beginning, where ranges are not to be had */
	LIMIT_HEADERS = 256, /* of one answer, before and behind its body, and of interim ones */
	LIMIT_REDIRECTS = 5,
	LIMIT_TRIES = 5,
	LIMIT_CONNECT_TRIES = 3, /* where nobody answers at all */
	LIMIT_RETRY_AFTER_SECONDS = 60,
	LIMIT_WAIT_SECONDS = 86400, /* nobody means a longer wait, whatever they ask for */
};

/* A host in trouble: see pace.h */
enum {
	LIMIT_HOST_FAILURES = 10,         /* requests that failed in a row, before it is left alone */
	LIMIT_HOST_SILENCES = 4,          /* the same for those that timed out */
	LIMIT_HOST_PATIENCE_SECONDS = 30, /* from the first such time until it is given up */
	LIMIT_HOST_DOWN_SECONDS = 10,     /* for so long; the next time for twice as long... */
	LIMIT_HOST_REST_SECONDS = 300,    /* ...up to this */
};

/* Warning headers: of one answer, as distribution-spec bounds them, and texts shown in one run */
#define LIMIT_WARNINGS_SIZE 4096
enum { LIMIT_WARNINGS = 64 };

/* What is remembered of hosts and logins, however many a pipe names */
enum {
	LIMIT_HOSTS_KEPT = 4096,
	LIMIT_TOKENS_KEPT = 4096,
	LIMIT_HELPER_SECONDS = 15, /* docker-credential-* */
};
#define LIMIT_CHALLENGE_SIZE   LIMIT_KIB(8)  /* one WWW-Authenticate header */
#define LIMIT_BEARER_SIZE      LIMIT_KIB(16) /* a token: no server takes longer headers */
#define LIMIT_TOKEN_SECONDS    86400         /* a token is not kept longer, whatever it says */
#define LIMIT_HELPER_OUTPUT    LIMIT_KIB(64)
#define LIMIT_CREDENTIALS_FILE LIMIT_MIB(1)

/* Input */
#define LIMIT_WAITING_SIZE       LIMIT_MIB(32) /* candidates read ahead, behind those of slow hosts */
#define LIMIT_CANDIDATE_LINE     LIMIT_KIB(64)
#define LIMIT_COUNTED_INPUT      LIMIT_MIB(64)  /* a larger one is not read twice to know its end */
#define LIMIT_FINDING_SIZE       LIMIT_MIB(64)  /* one line of output */
#define LIMIT_SETTINGS_SIZE      LIMIT_MIB(1)   /* the configuration file */
#define LIMIT_BATCH_MEMORY       LIMIT_MIB(128) /* of an import, unless it is told otherwise */
#define LIMIT_BATCH_MEMORY_LEAST LIMIT_MIB(1)
#define LIMIT_IMPORT_RECORD      LIMIT_MIB(16) /* one CSV row or one JSON record of an export */

enum {
	LIMIT_IMPORT_COLUMNS = 16384, /* of a CSV: what a spreadsheet can hold */
};

/* Names by which the company is known, looked for in what strangers wrote of one image */
enum {
	LIMIT_NAME_PATTERNS = 256,
	LIMIT_NAME_PIECE = 1024, /* longer words and texts are held against no pattern */
	LIMIT_HINTS = 256,       /* of one image, or index of images; the rest is not told */
	LIMIT_HINT_TEXT = 128,
	LIMIT_HINT_PLACE = 160,
};
#define LIMIT_NAME_TEXT LIMIT_KIB(64) /* of one text; the rest of it is not looked at */
#define LIMIT_NAME_WORK LIMIT_MIB(64) /* compared, over all texts and patterns */

/* Workers */
enum {
	LIMIT_JOBS = 256,
	LIMIT_JOBS_DEFAULT = 16,
	LIMIT_LAYERS_AT_ONCE = 4, /* of one image, unless told otherwise */
	LIMIT_SPARE_JOBS = 64,    /* at most, and at most twice as many as jobs: see lanes.h */
};

/* What a run remembers so as not to fetch it twice: entries, the oldest going first */
enum {
	LIMIT_MEMO_DOCUMENTS = 2048,
	LIMIT_MEMO_BLOBS = 65536,
	LIMIT_MEMO_ASSESSMENTS = 512,
	LIMIT_MEMO_TOPS = 8192,   /* tags, each at its place */
	LIMIT_MEMO_SHOWN = 65536, /* digests, each at the place that has it */
	LIMIT_MEMO_FLIGHTS = 256,
};
/* What is kept on disk from one run to the next */
#define LIMIT_CACHE_DOCUMENT_SIZE LIMIT_KIB(256) /* larger ones are not kept */
enum {
	LIMIT_CACHE_MIB_DEFAULT = 256,
	LIMIT_CACHE_MIB = 1 << 20, /* the most that may be configured */
};

#define LIMIT_MEMO_DOCUMENT_SIZE LIMIT_KIB(32) /* larger ones are not kept */

/* Internal images looked at for one matching digest: enough to find the one that owns it, bounded
 * where a golden base is in thousands of images. */
enum { LIMIT_HOLDERS = 256 };

/* Files of layers that were read. Holes of sparse files cost no bytes of the layer, but are hashed:
 * files are left out once those of one layer pass this. */
#define LIMIT_FILE_HOLES LIMIT_GIB(1)
#define LIMIT_FILE_PATHS LIMIT_MIB(16) /* of those files of one layer, to be shown */
enum {
	LIMIT_ADD_FILES = 2000000, /* of one image that is added */
	LIMIT_FILE_HITS = 100000,  /* of one layer: files that may be ours */
	LIMIT_FILES_LISTED = 20,   /* of one image of a finding, as evidence */
	LIMIT_FILE_LEAST = 64,     /* bytes: shorter files tell nothing */
	LIMIT_FILE_LAYERS = 4096,  /* a file that more layers of the index hold tells nothing */
};

/* Bytes of a compressed layer up to which it may well hold names and no content, as a directory
 * that was made: to see that it is no evidence costs no more than asking. */
enum { LIMIT_DOUBTFUL_LAYER = 512 };

#endif
