#include "layerproof/fault.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "layerproof/log.h"

enum { EXIT_CODE = 2 };

/* A step from a place of the file to one that is none of it leads at most so far behind its end: an
 * offset of 32 bits, and what stands there. */
static const uintptr_t REACH = ((uintptr_t)4 << 30) + (64 << 10);

static atomic_flag is_changing = ATOMIC_FLAG_INIT;
static struct fault_watch *watches;
static struct sigaction before_segv, before_bus;
static bool is_installed;

void fault_end(const char *path)
{
	log_error("%s: damaged: it cannot be read on", path);
	_exit(EXIT_CODE);
}

static const char *path_at(uintptr_t address)
{
	for (const struct fault_watch *watch = watches; watch; watch = watch->next) {
		uintptr_t start = (uintptr_t)watch->start;
		if (address >= start && address - start < watch->size + REACH)
			return watch->path;
	}
	return NULL;
}

/* Nothing here waits: a thread that changes the list holds no file's memory meanwhile. What is not
 * ours happens again, with who was there before. */
static void on_fault(int number, siginfo_t *info, void *context)
{
	const char *path = path_at((uintptr_t)info->si_addr);

	(void)context;
	if (path)
		fault_end(path);
	sigaction(number, number == SIGSEGV ? &before_segv : &before_bus, NULL);
}

/* Held for some instructions. */
static void lock(void)
{
	while (atomic_flag_test_and_set(&is_changing))
		continue;
}

static void unlock(void)
{
	atomic_flag_clear(&is_changing);
}

static void install(void)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

	if (is_installed)
		return;
	is_installed = true;
	sigemptyset(&action.sa_mask);
	sigaction(SIGSEGV, &action, &before_segv);
	sigaction(SIGBUS, &action, &before_bus);
}

void fault_watch(struct fault_watch *watch)
{
	lock();
	install();
	watch->next = watches;
	watches = watch;
	unlock();
}

void fault_unwatch(struct fault_watch *watch)
{
	lock();
	for (struct fault_watch **at = &watches; *at; at = &(*at)->next) {
		if (*at != watch)
			continue;
		*at = watch->next;
		break;
	}
	unlock();
}
