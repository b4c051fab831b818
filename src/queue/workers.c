#include "layerproof/workers.h"

#include <pthread.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"

struct job {
	const struct workers_duty *duty;
	void *worker;
	pthread_t thread;
};

unsigned workers_spare(unsigned jobs)
{
	return 2 * jobs < LIMIT_SPARE_JOBS ? 2 * jobs : LIMIT_SPARE_JOBS;
}

static void *live(void *context)
{
	const struct job *job = context;
	struct work *work;
	while ((work = lanes_take(job->duty->lanes)) != NULL)
		job->duty->work(job->duty->context, job->worker, work);
	return NULL;
}

static void stop_jobs(const struct workers_duty *duty, struct job *jobs, unsigned started)
{
	lanes_close(duty->lanes);
	for (unsigned i = 0; i < started; i++) {
		pthread_join(jobs[i].thread, NULL);
		duty->leave(jobs[i].worker);
	}
}

static int start_job(const struct workers_duty *duty, struct job *job, unsigned number,
					 struct error *err)
{
	job->duty = duty;
	job->worker = duty->arrive(duty->context, err);
	if (job->worker == NULL)
		return -1;
	if (pthread_create(&job->thread, NULL, live, job) == 0)
		return 0;
	duty->leave(job->worker);
	return error_set(err, ERROR_SYSTEM, "cannot start thread %u", number);
}

int workers_run(const struct workers_duty *duty, unsigned count,
				int (*feed)(void *context, struct error *err), void *feed_context,
				struct error *err)
{
	CLEANUP(free_at) struct job *jobs = memory_alloc(count, sizeof(*jobs));
	for (unsigned i = 0; i < count; i++) {
		if (start_job(duty, &jobs[i], i + 1, err) == 0)
			continue;
		stop_jobs(duty, jobs, i);
		return -1;
	}
	int fed = feed(feed_context, err);
	stop_jobs(duty, jobs, count);
	return fed;
}
