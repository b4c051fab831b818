/*
 * scripted_server: an HTTP server on loopback that gives the replies it was told, in turn, and
 * keeps the requests it got. It does not speak TLS: a handshake is answered by closing.
 *
 * Each connection carries one request, so a reply needs no length to end.
 */
#ifndef LAYERPROOF_TESTS_SCRIPTED_SERVER_H
#define LAYERPROOF_TESTS_SCRIPTED_SERVER_H

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVER_REPLIES = 32, SERVER_REQUEST_SIZE = 4096, TLS_HANDSHAKE = 0x16 };

struct scripted_server {
	int listener;
	int port;
	char address[32]; /* "127.0.0.1:PORT" */
	char *replies[SERVER_REPLIES];
	int reply_count;
	char requests[SERVER_REPLIES][SERVER_REQUEST_SIZE]; /* heads and bodies */
	int request_count;
	void (*on_request)(void *context); /* NULL, or called when a request has come, before it is
										  answered; on the server's thread */
	void *context;
	pthread_t thread;
};

/* Reads to the end of the head, and of the body if that comes along with it. */
static inline ssize_t server_read(int connection, char *request)
{
	ssize_t size = 0;
	while (size < SERVER_REQUEST_SIZE - 1) {
		ssize_t got = recv(connection, request + size, (size_t)(SERVER_REQUEST_SIZE - 1 - size), 0);
		if (got <= 0)
			break;
		size += got;
		request[size] = '\0';
		if (request[0] == TLS_HANDSHAKE || strstr(request, "\r\n\r\n") != NULL)
			break;
	}
	return size;
}

static inline void server_answer(struct scripted_server *server, int connection)
{
	char request[SERVER_REQUEST_SIZE] = "";
	int place = server->request_count;
	if (server_read(connection, request) <= 0 || request[0] == TLS_HANDSHAKE ||
		place == SERVER_REPLIES)
		return;
	memcpy(server->requests[place], request, sizeof request);
	server->request_count++;
	if (server->on_request != NULL)
		server->on_request(server->context);
	const char *reply = place < server->reply_count ? server->replies[place]
													: "HTTP/1.1 418 not in the script\r\n\r\n";
	(void)send(connection, reply, strlen(reply), MSG_NOSIGNAL);
}

/* Closes only after the client did: what is unread at a close would take the reply with it. */
static inline void *server_run(void *context)
{
	struct scripted_server *server = context;
	for (;;) {
		char rest[SERVER_REQUEST_SIZE];
		int connection = accept(server->listener, NULL, NULL);
		if (connection < 0)
			return NULL;
		server_answer(server, connection);
		(void)shutdown(connection, SHUT_WR);
		while (recv(connection, rest, sizeof rest, 0) > 0)
			continue;
		close(connection);
	}
}

static inline struct scripted_server *server_start(void)
{
	struct scripted_server *server = calloc(1, sizeof *server);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server->listener, (struct sockaddr *)&address, size) != 0 ||
		listen(server->listener, 16) != 0 ||
		getsockname(server->listener, (struct sockaddr *)&address, &size) != 0)
		abort();
	server->port = ntohs(address.sin_port);
	(void)snprintf(server->address, sizeof server->address, "127.0.0.1:%d", server->port);
	if (pthread_create(&server->thread, NULL, server_run, server) != 0)
		abort();
	return server;
}

/* After all its clients have gone. */
static inline void server_stop(struct scripted_server *server)
{
	(void)shutdown(server->listener, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->listener);
	for (int i = 0; i < server->reply_count; i++)
		free(server->replies[i]);
	free(server);
}

/* Adds a reply: what stands behind "HTTP/1.1 ", with PORT where the server's port belongs. */
static inline void server_add(struct scripted_server *server, const char *reply)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	(void)fputs("HTTP/1.1 ", out);
	for (const char *at = reply; *at != '\0'; at++) {
		if (strncmp(at, "PORT", 4) == 0) {
			(void)fprintf(out, "%d", server->port);
			at += 3;
		} else {
			(void)fputc(*at, out);
		}
	}
	(void)fclose(out);
	server->replies[server->reply_count++] = text;
}

/* The first line of a request, without its end. Borrowed until the next call. */
static inline const char *server_line(struct scripted_server *server, int place)
{
	static char line[SERVER_REQUEST_SIZE];
	size_t size = strcspn(server->requests[place], "\r\n");
	memcpy(line, server->requests[place], size);
	line[size] = '\0';
	return line;
}

/* The value of a request's header, or NULL. Borrowed until the next call. */
static inline const char *server_header(struct scripted_server *server, int place, const char *name)
{
	static char value[SERVER_REQUEST_SIZE];
	char wanted[64];
	(void)snprintf(wanted, sizeof wanted, "\r\n%s: ", name);
	const char *found = strstr(server->requests[place], wanted);
	if (found == NULL)
		return NULL;
	found += strlen(wanted);
	size_t size = strcspn(found, "\r\n");
	memcpy(value, found, size);
	value[size] = '\0';
	return value;
}

#endif
