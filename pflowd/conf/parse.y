/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The grammar of pflowd.conf.  What a statement says is checked here, by
 * itself and against the others; every error is told and parsing goes on with
 * the next line, so that a file is mended in one go.
 */

%{
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <grp.h>
#include <netdb.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "common/bytes.h"
#include "flow/protocol_id.h"
#include "parse.h"
#include "common/proto.h"
#include "config.h"

/* One element of a list, or a single value. */
struct item {
	struct item *next;
	struct item *last; /* of the first item: end of the list */
	const char *name;  /* of an interface or a protocol */
	int negate;	   /* of an interface */
	uint32_t number;   /* of a protocol or a pf rule */
	struct rule_host host;
	struct rule_port port;
};

/* Lists that a rule may have. */
enum {
	IFNAMES,
	PROTOS,
	FROMS,
	FROM_PORTS,
	TOS,
	TO_PORTS,
	NUMBERS,
	LISTS
};

#define VALUE_MAX 8191 /* bytes of a macro's value */
#define BRACES 8 /* nested braces with a known place */
#define TRIES (16 * RULE_MAX) /* list combinations, possible or not */

/* An open brace, and the word that its statement or setting begins with. */
struct brace {
	struct lex_place place;
	const char *word;
};

/* Position of the parser in the text, for errors and to match braces. */
struct place {
	struct lex_token last;	/* last token */
	struct lex_token before; /* the one before, newlines skipped */
	int token;		/* yacc token of the last */
	int first_on_line;	/* the last token begins its line */
	int first;		/* first token of the statement */
	const char *word;	/* first word of the statement or setting */
	unsigned int words;	/* in the statement, with the last one */
	unsigned int braces;	/* open braces */
	struct brace brace[BRACES];
	int stopped; /* an open brace was reported: nothing more is read */
};

static struct lex *lex;
static struct conf *conf;
static struct conf_collector *collector; /* of the current block */
static struct conf_collector nobody;	 /* replaces one in error */
static struct lex_place collector_place;
static int templates_given; /* in its block */
static struct conf_socket new_socket; /* being read */
static unsigned int socket_errors; /* errors before it */
static struct place at;
static struct rule rule; /* being read, without its lists */
static unsigned int rule_errors; /* errors before it */
static struct item *lists[LISTS];
static unsigned int rules;
static char macro_value[VALUE_MAX + 1]; /* of the macro being read */

static int yylex(void);
static void yyerror(const char *);

static uint32_t number(const char *, uint32_t, uint32_t, const char *);
static struct item *item_new(void);
static struct item *append(struct item *, struct item *);
static struct item *ifname_item(const char *, int);
static struct item *proto_item(const char *);
static struct item *host_item(const char *);
static struct item *any_item(int);
static struct item *port_item(int, const char *, const char *);
static struct item *number_item(const char *);
static void copy_text(char *, size_t, const char *, const char *);
static void set_timeout(const char *, const char *);
static void set_ifindex(const char *, const char *);
static void set_creator(const char *);
static void define(const char *);
static void add_value(const char *);
static void begin_collector(const char *, const char *);
static void end_collector(void);
static void set_protocol(const char *);
static void set_source(const char *);
static void begin_rule(int);
static void end_rule(void);
static void begin_socket(const char *);
static void end_socket(void);
static void set_group(const char *);
static void set_interface(const char *);
static void set_mtu(const char *);
%}

%union {
	const char *text;
	struct item *item;
	int number;
}

%token ACCOUNT ADDRESSES ALL ANY BIFLOW COLLECTOR CREATOR DELETION DOMAIN DSCP
%token END ENGINE
%token EXPORT FROM GROUP HOLD ID IFINDEX IGNORE IN INCLUDE INET INET6 INSIDE
%token INTERFACE LAST_PACKET LINKTYPE LOOKUP MTU ON ORIGINAL OUT OUTSIDE PORT PROTO
%token PROTOCOL QUICK QUIET RATE RESTRICTED RULE SELF SOCKET SOURCE TEMPLATES
%token TIMEOUT TO
%token LE GE NE OUTSIDE_OF BETWEEN NL CLOSE WRONG
%token <text> WORD STRING

%type <text> string port_opt
%type <number> linktype view end_of action not unary
%type <item> ifname ifnames ifname_list proto protos proto_list host hosts
%type <item> host_list port ports port_list pf_rule pf_rules pf_rule_list

%%

file	: /* empty */
	| file '\n'
	| file INCLUDE string '\n'	{ lex_open(lex, $3); }
	| file WORD '=' words '\n'	{ define($2); }
	| file statement '\n'
	| file SOCKET string		{ begin_socket($3); }
	  socket_options '\n'		{ end_socket(); }
	| file COLLECTOR string port_opt '\n' {
		begin_collector($3, $4);
		end_collector();
	}
	| file COLLECTOR error '\n'	{ yyerrok; }
	| file error '\n'		{ yyerrok; }
	;

string	: WORD
	| STRING
	| DOMAIN		{ $$ = "domain"; /* also a port name */ }
	;

words	: string		{ macro_value[0] = '\0'; add_value($1); }
	| words string		{ add_value(" "); add_value($2); }
	;

statement
	: INTERFACE string linktype {
		set_interface($2);
		conf->pfsync_link = $3;
	}
	| HOLD WORD		{ conf->hold = number($2, 0, 60, "hold"); }
	| QUIET WORD		{ conf->quiet = number($2, 0, 1440, "quiet"); }
	| LOOKUP WORD {
		conf->lookup = number($2, 5, 3600, "lookup");
	}
	| ADDRESSES view	{ conf->policy.view = (enum flow_view)$2; }
	| END end_of		{ conf->policy.end = (enum record_end)$2; }
	| TIMEOUT timeout
	| TIMEOUT '{' nl timeouts CLOSE
	| IFINDEX string WORD	{ set_ifindex($2, $3); }
	| CREATOR ANY		{ conf->creator_given = 0; }
	| CREATOR WORD		{ set_creator($2); }
	| ACCOUNT SELF		{ conf->account_self = 1; }
	| COLLECTOR string port_opt '{' { begin_collector($2, $3); } block {
		end_collector();
	}
	| COLLECTOR error '{'	{ yyerrok; collector = &nobody; } block {
		end_collector();
	}
	| rule
	;

linktype
	: /* empty */		{ $$ = 0; }
	| LINKTYPE string {
		if (strcmp($2, "pfsync") != 0)
			lex_error(lex, "linktype \"%s\": must be pfsync", $2);
		$$ = 1;
	}
	;

view	: INSIDE		{ $$ = FLOW_INSIDE; }
	| OUTSIDE		{ $$ = FLOW_OUTSIDE; }
	| ORIGINAL		{ $$ = FLOW_ORIGINAL; }
	;

end_of	: LAST_PACKET		{ $$ = RECORD_LAST_PACKET; }
	| DELETION		{ $$ = RECORD_DELETION; }
	;

timeout	: WORD WORD		{ set_timeout($1, $2); }
	;

timeouts
	: timeout nl
	| timeouts comma timeout nl
	;

socket_options
	: /* empty */
	| socket_options RESTRICTED {
		new_socket.restricted = 1;
	}
	| socket_options GROUP string	{ set_group($3); }
	;

port_opt
	: /* empty */		{ $$ = NULL; }
	| PORT string		{ $$ = $2; }
	;

block	: settings '}'
	| settings setting '}'
	| settings error '}'	{ yyerrok; }
	;

settings
	: /* empty */
	| settings '\n'
	| settings setting '\n'
	| settings error '\n'	{ yyerrok; }
	;

setting	: SOURCE string		{ set_source($2); }
	| ENGINE ID WORD {
		collector->engine_id = (uint8_t)number($3, 0, 255,
		    "engine id");
	}
	| PROTOCOL WORD		{ set_protocol($2); }
	| DOMAIN WORD {
		collector->domain = number($2, 1, UINT32_MAX, "domain");
	}
	| BIFLOW			{ collector->biflow = 1; }
	| TEMPLATES WORD WORD {
		templates_given = 1;
		collector->templates_datagrams = number($2, 1, 65535,
		    "templates");
		collector->templates_seconds = number($3, 1, 3600,
		    "templates");
	}
	| DSCP WORD {
		collector->dscp = (uint8_t)number($2, 0, 63, "dscp");
	}
	| MTU WORD		{ set_mtu($2); }
	| RATE WORD {
		collector->rate = number($2, 1, 10000000, "rate");
	}
	| rule
	;

rule	: action		{ begin_rule($1); }
	  quick direction which family proto_opt from_opt to_opt rule_opt {
		end_rule();
	}
	;

action	: EXPORT		{ $$ = 0; }
	| IGNORE		{ $$ = 1; }
	;

quick	: /* empty */
	| QUICK			{ rule.quick = 1; }
	;

direction
	: /* empty */
	| IN			{ rule.direction = FLOW_IN; }
	| OUT			{ rule.direction = FLOW_OUT; }
	;

which	: /* empty */
	| ALL
	| ON ifnames		{ lists[IFNAMES] = $2; }
	;

family	: /* empty */
	| INET			{ rule.family = 4; }
	| INET6			{ rule.family = 6; }
	;

proto_opt
	: /* empty */
	| PROTO protos		{ lists[PROTOS] = $2; }
	;

from_opt
	: /* empty */
	| FROM hosts		{ lists[FROMS] = $2; }
	| FROM hosts PORT ports {
		lists[FROMS] = $2;
		lists[FROM_PORTS] = $4;
	}
	| FROM PORT ports	{ lists[FROM_PORTS] = $3; }
	;

to_opt	: /* empty */
	| TO hosts		{ lists[TOS] = $2; }
	| TO hosts PORT ports {
		lists[TOS] = $2;
		lists[TO_PORTS] = $4;
	}
	| TO PORT ports		{ lists[TO_PORTS] = $3; }
	;

rule_opt
	: /* empty */
	| RULE pf_rules		{ lists[NUMBERS] = $2; }
	;

not	: /* empty */		{ $$ = 0; }
	| '!'			{ $$ = 1; }
	;

ifname	: not string		{ $$ = ifname_item($2, $1); }
	;

ifnames	: ifname
	| '{' nl ifname_list CLOSE { $$ = $3; }
	;

ifname_list
	: ifnames nl
	| ifname_list comma ifnames nl { $$ = append($1, $3); }
	;

proto	: string		{ $$ = proto_item($1); }
	;

protos	: proto
	| '{' nl proto_list CLOSE	{ $$ = $3; }
	;

proto_list
	: protos nl
	| proto_list comma protos nl { $$ = append($1, $3); }
	;

host	: not ANY {
		$$ = any_item(RULE_ANY);
		$$->host.negate = 0;
		if ($1)
			lex_error(lex, "\"! any\" matches nothing");
	}
	| not SELF {
		$$ = any_item(RULE_SELF);
		$$->host.negate = (uint8_t)$1;
	}
	| not string {
		$$ = host_item($2);
		$$->host.negate = (uint8_t)$1;
	}
	;

hosts	: host
	| '{' nl host_list CLOSE	{ $$ = $3; }
	;

host_list
	: hosts nl
	| host_list comma hosts nl { $$ = append($1, $3); }
	;

unary	: '='			{ $$ = RULE_PORT_EQ; }
	| NE			{ $$ = RULE_PORT_NE; }
	| '<'			{ $$ = RULE_PORT_LT; }
	| LE			{ $$ = RULE_PORT_LE; }
	| '>'			{ $$ = RULE_PORT_GT; }
	| GE			{ $$ = RULE_PORT_GE; }
	;

port	: string		{ $$ = port_item(RULE_PORT_EQ, $1, NULL); }
	| unary string		{ $$ = port_item($1, $2, NULL); }
	| string OUTSIDE_OF string {
		$$ = port_item(RULE_PORT_OUTSIDE, $1, $3);
	}
	| string BETWEEN string	{ $$ = port_item(RULE_PORT_BETWEEN, $1, $3); }
	;

ports	: port
	| '{' nl port_list CLOSE	{ $$ = $3; }
	;

port_list
	: ports nl
	| port_list comma ports nl { $$ = append($1, $3); }
	;

pf_rule	: WORD			{ $$ = number_item($1); }
	;

pf_rules
	: pf_rule
	| '{' nl pf_rule_list CLOSE { $$ = $3; }
	;

pf_rule_list
	: pf_rules nl
	| pf_rule_list comma pf_rules nl { $$ = append($1, $3); }
	;

comma	: /* empty */
	| ',' nl
	;

nl	: /* empty */
	| nl NL
	;

%%

/* begins: the keyword begins a statement, a setting or a rule. */
static const struct {
	const char *word;
	int token;
	int begins;
} keywords[] = {
	{ "account", ACCOUNT, 1 },
	{ "addresses", ADDRESSES, 1 },
	{ "all", ALL, 0 },
	{ "any", ANY, 0 },
	{ "biflow", BIFLOW, 1 },
	{ "collector", COLLECTOR, 1 },
	{ "creator", CREATOR, 1 },
	{ "deletion", DELETION, 0 },
	{ "domain", DOMAIN, 0 },
	{ "dscp", DSCP, 1 },
	{ "end", END, 1 },
	{ "engine", ENGINE, 1 },
	{ "export", EXPORT, 1 },
	{ "from", FROM, 0 },
	{ "group", GROUP, 0 },
	{ "hold", HOLD, 1 },
	{ "id", ID, 0 },
	{ "ifindex", IFINDEX, 1 },
	{ "ignore", IGNORE, 1 },
	{ "in", IN, 0 },
	{ "include", INCLUDE, 1 },
	{ "inet", INET, 0 },
	{ "inet6", INET6, 0 },
	{ "inside", INSIDE, 0 },
	{ "interface", INTERFACE, 1 },
	{ "last-packet", LAST_PACKET, 0 },
	{ "linktype", LINKTYPE, 0 },
	{ "lookup", LOOKUP, 1 },
	{ "mtu", MTU, 1 },
	{ "on", ON, 0 },
	{ "original", ORIGINAL, 0 },
	{ "out", OUT, 0 },
	{ "outside", OUTSIDE, 0 },
	{ "port", PORT, 0 },
	{ "proto", PROTO, 0 },
	{ "protocol", PROTOCOL, 1 },
	{ "quick", QUICK, 0 },
	{ "quiet", QUIET, 1 },
	{ "rate", RATE, 1 },
	{ "restricted", RESTRICTED, 0 },
	{ "rule", RULE, 0 },
	{ "self", SELF, 0 },
	{ "socket", SOCKET, 1 },
	{ "source", SOURCE, 1 },
	{ "templates", TEMPLATES, 1 },
	{ "timeout", TIMEOUT, 1 },
	{ "to", TO, 0 },
};
#define KEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

static int
keyword(const char *word)
{
	size_t i;

	for (i = 0; i < KEYWORDS; i++)
		if (strcmp(keywords[i].word, word) == 0)
			return keywords[i].token;
	return WORD;
}

static int
sign(const char *text)
{
	static const struct {
		const char *sign;
		int token;
	} pairs[] = {
		{ "<=", LE },
		{ ">=", GE },
		{ "!=", NE },
		{ "<>", OUTSIDE_OF },
		{ "><", BETWEEN },
	};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (strcmp(pairs[i].sign, text) == 0)
			return pairs[i].token;
	return text[0];
}

static int
begins(int token)
{
	size_t i;

	for (i = 0; i < KEYWORDS; i++)
		if (keywords[i].token == token)
			return keywords[i].begins;
	return 0;
}

/* Number of braces open around the current statement. */
static unsigned int
depth(void)
{
	return at.first == COLLECTOR && at.braces > 0 ? 1 : 0;
}

/* In a list, newlines are ignored, and "}" does not close a collector. */
static int
in_list(void)
{
	return at.braces > depth();
}

static int
to_token(const struct lex_token *t)
{
	switch (t->type) {
	case LEX_END:
		return 0;
	case LEX_NEWLINE:
		return in_list() ? NL : '\n';
	case LEX_WORD:
		return keyword(t->text);
	case LEX_STRING:
		return STRING;
	case LEX_SIGN:
		return *t->text == '}' && in_list() ? CLOSE : sign(t->text);
	default:
		return WRONG;
	}
}

static void
open_brace(void)
{
	if (at.braces < BRACES) {
		at.brace[at.braces].place = lex_place(lex);
		at.brace[at.braces].word = at.word;
	}
	at.braces++;
	if (at.braces == depth())
		at.words = 0;
}

/* Track the current statement and the open braces. */
static void
follow(int token)
{
	if (at.first_on_line && at.braces == 0)
		at.first = token;
	at.words = at.first_on_line ? 1 : at.words + 1;
	if (at.words == 1 && !in_list())
		at.word = at.last.text;
	if (token == '{')
		open_brace();
	else if ((token == '}' || token == CLOSE) && at.braces > 0)
		at.braces--;
}

static int
yylex(void)
{
	if (at.stopped)
		return 0;
	at.first_on_line = at.last.type == LEX_NEWLINE;
	if (!at.first_on_line)
		at.before = at.last;
	at.last = lex_next(lex);
	yylval.text = at.last.text;
	at.token = to_token(&at.last);
	follow(at.token);
	return at.token;
}

/*
 * A brace is not closed if the file ends within it, or if a line begins a
 * statement that is not allowed there.  Report the line of the brace and stop:
 * the rest of the file would be parsed as contents of the block.
 */
static int
unclosed_brace(void)
{
	const struct brace *b;

	if (at.braces == 0 ||
	    (at.token != 0 && !(at.first_on_line && begins(at.token))))
		return 0;
	b = &at.brace[(at.braces < BRACES ? at.braces : BRACES) - 1];
	lex_error_at(lex, &b->place, at.token == 0 ?
	    "%s: block opened here is not closed" :
	    "%s: block opened here is not closed before \"%s\"", b->word,
	    at.last.text);
	at.stopped = 1;
	return 1;
}

/* First word of a statement that begins with no keyword; else NULL. */
static const char *
unknown_statement(void)
{
	if (in_list() || at.token == 0)
		return NULL;
	if (at.words == 1)
		return at.last.text;
	if (at.words == 2 && (at.before.type == LEX_STRING ||
		(at.before.type == LEX_WORD &&
		keyword(at.before.text) == WORD)))
		return at.before.text;
	return NULL;
}

/* The keyword used as the name of a macro; else NULL. */
static const char *
keyword_defined(void)
{
	const struct lex_token *t = at.words == 1 ? &at.last : &at.before;

	if (at.braces > 0 || at.words > 2 || t->type != LEX_WORD ||
	    keyword(t->text) == WORD)
		return NULL;
	if (at.words == 1 ? lex_assigns(lex) : at.token == '=')
		return t->text;
	return NULL;
}

/* Report a syntax error, unless the lexer already did. */
static void
yyerror(const char *what)
{
	const char *word;

	if (at.last.type == LEX_WRONG || unclosed_brace())
		return;
	if ((word = keyword_defined()) != NULL)
		lex_error(lex, "\"%s\" is a keyword: choose another name for "
		    "the macro", word);
	else if ((word = unknown_statement()) != NULL)
		lex_error(lex, "\"%s\" does not begin a %s", word,
		    depth() == 1 ? "collector setting" : "statement");
	else if (at.last.type == LEX_NEWLINE || at.last.type == LEX_END)
		lex_error(lex, "%s after \"%s\": unexpected end of line", what,
		    at.before.text);
	else
		lex_error(lex, "%s near \"%s\"", what, at.last.text);
}

/* Parse a number from least to most; returns least after an error. */
static uint32_t
number(const char *text, uint32_t least, uint32_t most, const char *what)
{
	const char *error;
	long long value;

	value = strtonum(text, least, most, &error);
	if (error == NULL)
		return (uint32_t)value;
	lex_error(lex, "%s \"%s\": must be a number from %u to %u", what, text,
	    least, most);
	return least;
}

static void
copy_text(char *to, size_t size, const char *text, const char *what)
{
	if (*text == '\0')
		lex_error(lex, "%s \"\": empty", what);
	else if (strlcpy(to, text, size) >= size)
		lex_error(lex, "%s \"%s\": longer than %zu bytes", what, text,
		    size - 1);
}

/* Macros. */

static void
add_value(const char *text)
{
	if (strlcat(macro_value, text, sizeof(macro_value)) >=
	    sizeof(macro_value))
		lex_error(lex, "macro value \"%.32s...\" is longer than %d "
		    "bytes", macro_value, VALUE_MAX);
}

static void
define(const char *name)
{
	if (lex_define(lex, name, macro_value, 0) == -1)
		lex_error(lex, "\"%s\" is not a macro name: use letters, "
		    "digits and _", name);
}

/* Global settings. */

/* Copy the name of an interface, or part of one, if it is valid. */
static void
copy_ifname(char to[FLOW_IFNAME], const char *name, const char *what)
{
	if (strpbrk(name, " \t\"\\") != NULL)
		lex_error(lex, "%s \"%s\": not an interface name", what,
		    name);
	else
		copy_text(to, FLOW_IFNAME, name, what);
}

static void
set_interface(const char *name)
{
	copy_ifname(conf->interface, name, "interface");
}

static void
set_timeout(const char *name, const char *value)
{
	int i;

	for (i = 0; i < FLOW_TIMEOUTS; i++) {
		const char *known = record_timeout_name((enum flow_timeout)i);

		if (known == NULL || strcmp(known, name) != 0)
			continue;
		conf->policy.timeout[i] = number(value, 0, INT32_MAX, name);
		conf->policy.timeout_source[i] = RECORD_BY_FILE;
		return;
	}
	lex_error(lex, "timeout \"%s\": pf has no state timeout of this name",
	    name);
}

static void
set_ifindex(const char *name, const char *value)
{
	char checked[FLOW_IFNAME] = "";

	copy_ifname(checked, name, "ifindex");
	if (checked[0] == '\0')
		return;
	if (ifindex_fix(&conf->interfaces, checked,
		number(value, 1, INT32_MAX, "ifindex")) == -1)
		lex_error(lex, "ifindex \"%s\": more than %d interfaces",
		    name, IFINDEX_MAX);
}

/* As pf.conf's hostid: decimal, or hexadecimal with 0x. */
static void
set_creator(const char *text)
{
	int hex = strncmp(text, "0x", 2) == 0;
	char *end;
	unsigned long long id = strtoull(text, &end, hex ? 16 : 10);

	if (strspn(text, "0123456789") == 0 || *end != '\0' || id == 0 ||
	    id > UINT32_MAX)
		lex_error(lex, "creator \"%s\": must be any, or a host id as "
		    "shown by pfctl -s info", text);
	conf->creator = (uint32_t)id;
	conf->creator_given = 1;
}

/* Record the place for later errors.  A long path is truncated. */
static void
copy_place(char to[CONF_PLACE])
{
	const struct lex_place place = lex_place(lex);

	snprintf(to, CONF_PLACE, "%.*s:%u: ", CONF_PLACE - 16, place.path,
	    place.line);
}

static void
begin_socket(const char *path)
{
	memset(&new_socket, 0, sizeof(new_socket));
	new_socket.fd = -1;
	copy_place(new_socket.place);
	socket_errors = lex_errors(lex);
	if (path[0] != '/')
		lex_error(lex, "socket \"%s\": must be a path that begins with "
		    "/", path);
	copy_text(new_socket.path, sizeof(new_socket.path), path, "socket");
}

/* Only check that the group exists; its members may change later. */
static void
set_group(const char *name)
{
	unsigned int before = lex_errors(lex);

	copy_text(new_socket.group, sizeof(new_socket.group), name, "group");
	if (lex_errors(lex) == before && getgrnam(name) == NULL)
		lex_error(lex, "group \"%s\" does not exist: create it ("
		    PFLOWD_GROUPADD " %s) or name another", name, name);
}

/* Allow one socket of each kind; CONF_SOCKETS has room for both. */
static void
end_socket(void)
{
	unsigned int i;

	if (lex_errors(lex) != socket_errors)
		return;
	for (i = 0; i < conf->nsockets; i++) {
		const struct conf_socket *s = &conf->sockets[i];

		if (strcmp(s->path, new_socket.path) == 0) {
			lex_error(lex, "socket \"%s\": defined twice", s->path);
			return;
		}
		if (s->restricted == new_socket.restricted) {
			lex_error(lex, "socket \"%s\": only one socket and one "
			    "restricted socket are possible",
			    new_socket.path);
			return;
		}
	}
	conf->sockets[conf->nsockets++] = new_socket;
}

/* Collectors. */

/* Collectors are named here as on the command line. */
static void
begin_collector(const char *host, const char *port)
{
	char spec[2 * LEX_WORD_MAX + 8], why[2 * sizeof(spec)];

	if (*host == '\0' || strpbrk(host, " \t\"\\[]") != NULL ||
	    (strchr(host, ':') != NULL && conf_family(host) == 0))
		lex_error(lex, "collector \"%s\": not a host name; write a "
		    "port as in: collector host port 2055", host);
	snprintf(spec, sizeof(spec), "%s%s%s%s%s",
	    strchr(host, ':') != NULL ? "[" : "", host,
	    strchr(host, ':') != NULL ? "]" : "", port != NULL ? ":" : "",
	    port != NULL ? port : "");
	if (conf_add_collector(conf, spec, why, sizeof(why)) == -1) {
		lex_error(lex, "collector %s", why);
		collector = &nobody;
	} else {
		collector = &conf->collectors[conf->ncollectors - 1];
		copy_place(collector->place);
	}
	collector_place = lex_place(lex);
	templates_given = 0;
}

static void
set_protocol(const char *name)
{
	enum protocol_id id = protocol_id(name);

	if (id == PROTOCOLS)
		lex_error(lex, "protocol \"%s\": must be one of %s", name,
		    protocol_names());
	else
		collector->protocol = id;
}

/* Check the settings that depend on the protocol; set the default domain. */
static void
check_domain(struct conf_collector *c)
{
	const struct protocol_facts *p = &protocol_facts[c->protocol];

	if (!p->domain && c->domain != 0)
		lex_error_at(lex, &collector_place, "collector %s: %s has no "
		    "domain: use engine id", c->name, p->name);
	if (!p->domain && templates_given)
		lex_error_at(lex, &collector_place, "collector %s: %s has "
		    "no templates", c->name, p->name);
	if (p->domain && c->engine_id != 0)
		lex_error_at(lex, &collector_place, "collector %s: %s has no "
		    "engine id: use domain", c->name, p->name);
	if (c->biflow && !p->biflow)
		lex_error_at(lex, &collector_place, "collector %s: biflow "
		    "needs protocol ipfix: a record of %s has one direction",
		    c->name, p->name);
	if (p->domain && c->domain == 0)
		c->domain = conf_domain();
}

static void
end_collector(void)
{
	const struct conf_collector *c;

	if (collector != &nobody)
		check_domain(collector);
	for (c = conf->collectors; collector != &nobody && c < collector; c++)
		if (conf_same_collector(c, collector))
			lex_error_at(lex, &collector_place, "collector %s: "
			    "defined twice with the same source and %s: change "
			    "one of them", collector->name,
			    collector->domain == 0 ? "engine id" : "domain");
	collector = NULL;
}

/*
 * Returns 4 or 6, with the address in network order, or 0.  Accepts no scope.
 */
static uint8_t
parse_addr(const char *text, uint8_t addr[ADDRESS_BYTES])
{
	if (strchr(text, '%') != NULL)
		return 0;
	return (uint8_t)address_parse(text, addr);
}

/* Require the interface of a link-local source, and refuse it for others. */
static void
check_scope(const char *text, int link_local)
{
	const char *scope = strchr(text, '%');
	char checked[FLOW_IFNAME];

	if (scope == NULL && link_local)
		lex_error(lex, "source \"%s\": %s", text, ADDRESS_NO_SCOPE);
	else if (scope != NULL && !link_local)
		lex_error(lex, "source \"%s\": only a link-local address takes "
		    "an interface", text);
	else if (scope != NULL)
		copy_ifname(checked, scope + 1, "source");
}

/*
 * Store the source as inet_ntop(3) writes it, so that equal ones compare equal.
 */
static void
set_source(const char *text)
{
	uint8_t addr[ADDRESS_BYTES];
	int family = address_parse(text, addr);
	int host = conf_family(collector->host);
	unsigned int before = lex_errors(lex);

	if (family == 0 || !address_is_host(family, addr))
		lex_error(lex, "source \"%s\": must be an address of this host",
		    text);
	else if (host != 0 && host != family)
		lex_error(lex, "source \"%s\": address family differs from the "
		    "collector's", text);
	else
		check_scope(text, address_is_link_local(family, addr));
	if (lex_errors(lex) != before)
		return;
	inet_ntop(family == 6 ? AF_INET6 : AF_INET, addr, collector->source,
	    sizeof(collector->source));
	strlcat(collector->source, text + strcspn(text, "%"),
	    sizeof(collector->source));
}

/* The minimum MTU is that of RFC 791 and RFC 8200. */
static void
set_mtu(const char *text)
{
	uint32_t least = conf_family(collector->host) == 6 ? 1280 : 576;

	collector->mtu = (uint16_t)number(text, least, 65535, "mtu");
}

/* Lists. */

static struct item *
item_new(void)
{
	static struct item none;
	struct item *i = lex_alloc(lex, sizeof(*i));

	if (i == NULL) {
		memset(&none, 0, sizeof(none));
		i = &none;
	}
	i->last = i;
	return i;
}

static struct item *
append(struct item *list, struct item *more)
{
	list->last->next = more;
	list->last = more->last;
	return list;
}

static struct item *
ifname_item(const char *name, int negate)
{
	struct item *i = item_new();
	char checked[FLOW_IFNAME];

	copy_ifname(checked, name, "on");
	i->name = name;
	i->negate = negate;
	return i;
}

static struct item *
proto_item(const char *name)
{
	struct item *i = item_new();
	int proto = proto_number(name);

	i->name = name;
	if (proto == -1)
		lex_error(lex, "proto \"%s\": must be a name in /etc/protocols "
		    "or a number from 0 to 255", name);
	else
		i->number = (uint32_t)proto;
	return i;
}

static struct item *
number_item(const char *text)
{
	struct item *i = item_new();

	i->number = number(text, 0, UINT32_MAX - 1, "rule");
	return i;
}

static struct item *
any_item(int kind)
{
	struct item *i = item_new();

	i->host.kind = (uint8_t)kind;
	return i;
}

/* Complete an abbreviated network: 10/8 is 10.0.0.0/8. */
static void
fill_octets(char *addr, size_t size)
{
	const char *p;
	int dots = 0;

	if (addr[strspn(addr, "0123456789.")] != '\0')
		return;
	for (p = addr; *p != '\0'; p++)
		dots += *p == '.';
	for (; dots < 3; dots++)
		strlcat(addr, ".0", size);
}

static struct item *
host_item(const char *text)
{
	struct item *i = any_item(RULE_NET);
	char addr[LEX_WORD_MAX + 8];
	const char *error = NULL;
	char *slash;
	int most;

	strlcpy(addr, text, sizeof(addr));
	if ((slash = strchr(addr, '/')) != NULL) {
		*slash = '\0';
		slash = strchr(text, '/') + 1;
		fill_octets(addr, sizeof(addr));
	}
	if ((i->host.family = parse_addr(addr, i->host.addr)) == 0) {
		lex_error(lex, "\"%s\" is not an address: use an address, a "
		    "network as address/bits, any or self", text);
		return i;
	}
	most = i->host.family == 6 ? 128 : 32;
	i->host.bits = (uint8_t)most;
	if (slash != NULL)
		i->host.bits = (uint8_t)strtonum(slash, 0, most, &error);
	if (error != NULL)
		lex_error(lex, "\"%s\": prefix length must be from 0 to %d",
		    text, most);
	rule_mask(&i->host);
	return i;
}

/*
 * `word` is the word to show in an error: text, or the range that contains it.
 */
static uint16_t
port_number(const char *text, const char *word)
{
	const struct servent *s;
	const char *error;
	uint16_t network;
	uint8_t bytes[sizeof(network)];
	long long value = strtonum(text, 0, 65535, &error);

	if (error == NULL)
		return (uint16_t)value;
	if ((s = getservbyname(text, NULL)) != NULL) {
		network = (uint16_t)s->s_port;
		memcpy(bytes, &network, sizeof(bytes));
		return get_be16(bytes);
	}
	lex_error(lex, "port \"%s\": must be a name in /etc/services or a "
	    "number from 0 to 65535", word);
	return 0;
}

static void
set_ports(struct item *i, const char *low, const char *high, const char *word)
{
	i->port.low = port_number(low, word != NULL ? word : low);
	i->port.high = port_number(high, word != NULL ? word : high);
	if (i->port.high < i->port.low)
		lex_error(lex, "ports %s and %s: the lower one must come first",
		    low, high);
}

/* The lexer returns low:high as one word. */
static struct item *
port_item(int op, const char *low, const char *high)
{
	struct item *i = item_new();
	char both[LEX_WORD_MAX + 1];
	char *colon;

	i->port.op = (uint8_t)op;
	strlcpy(both, low, sizeof(both));
	if (high != NULL) {
		set_ports(i, low, high, NULL);
	} else if (op == RULE_PORT_EQ && (colon = strchr(both, ':')) != NULL) {
		*colon = '\0';
		i->port.op = RULE_PORT_RANGE;
		set_ports(i, both, colon + 1, low);
	} else {
		i->port.low = port_number(low, low);
	}
	return i;
}

/* Rules. */

static void
begin_rule(int ignore)
{
	memset(&rule, 0, sizeof(rule));
	memset(lists, 0, sizeof(lists));
	rule.ignore = (uint8_t)ignore;
	rule_errors = lex_errors(lex);
}

static struct rule_list *
the_list(void)
{
	if (collector == NULL)
		return &conf->filter;
	if (collector == &nobody)
		return NULL;
	return &conf->filters[collector - conf->collectors];
}

static void
add_rule(const struct rule *r)
{
	struct rule_list *list = the_list();

	if (list != NULL && rules++ < RULE_MAX && rule_add(list, r) == -1)
		lex_error(lex, "out of memory");
}

static void
apply(struct rule *r, int list, const struct item *i)
{
	switch (list) {
	case IFNAMES:
		memset(r->ifname, 0, sizeof(r->ifname)); /* for memcmp() */
		strlcpy(r->ifname, i->name, sizeof(r->ifname));
		r->ifname_not = (uint8_t)i->negate;
		break;
	case PROTOS:
		r->proto_given = 1;
		r->proto = (uint8_t)i->number;
		break;
	case FROMS:
		r->from = i->host;
		break;
	case TOS:
		r->to = i->host;
		break;
	case FROM_PORTS:
		r->from_port = i->port;
		break;
	case TO_PORTS:
		r->to_port = i->port;
		break;
	case NUMBERS:
		r->number_given = 1;
		r->number = i->number;
		break;
	}
}

/* True if a rule can match: its family and addresses are of one family. */
static int
possible(const struct rule *r)
{
	uint8_t family = r->family;

	if (r->from.family != 0 && family != 0 && r->from.family != family)
		return 0;
	if (r->from.family != 0)
		family = r->from.family;
	return r->to.family == 0 || family == 0 || r->to.family == family;
}

/*
 * Add a rule for every combination of the lists from this one on.  Returns
 * their number.
 */
static unsigned int
expand(struct rule *r, int list)
{
	const struct item *i;
	unsigned int n = 0;

	if (list == LISTS) {
		if (!possible(r))
			return 0;
		add_rule(r);
		return 1;
	}
	if (lists[list] == NULL)
		return expand(r, list + 1);
	for (i = lists[list]; i != NULL; i = i->next) {
		apply(r, list, i);
		n += expand(r, list + 1);
	}
	return n;
}

/* Number of combinations, at most TRIES. */
static unsigned int
combinations(void)
{
	const struct item *i;
	unsigned int n = 1, members;
	int list;

	for (list = 0; list < LISTS; list++) {
		members = lists[list] == NULL;
		for (i = lists[list]; i != NULL && members < TRIES;
		    i = i->next)
			members++;
		if (n >= TRIES / members)
			return TRIES;
		n *= members;
	}
	return n;
}

static void
check_ports(void)
{
	const struct item *i;

	if (lists[FROM_PORTS] == NULL && lists[TO_PORTS] == NULL)
		return;
	for (i = lists[PROTOS]; i != NULL; i = i->next)
		if (!flow_has_ports((uint8_t)i->number))
			lex_error(lex, "proto \"%s\" has no ports", i->name);
}

static void
end_rule(void)
{
	unsigned int before = rules;

	if (lex_errors(lex) == rule_errors)
		check_ports();
	if (lex_errors(lex) != rule_errors)
		return;
	if (combinations() == TRIES)
		rules = RULE_MAX + 1;
	else if (expand(&rule, 0) == 0)
		lex_error(lex, "rule matches nothing: its addresses are of "
		    "different families");
	if (before <= RULE_MAX && rules > RULE_MAX)
		lex_error(lex, "more than %d rules: each combination of list "
		    "members is one", RULE_MAX);
}

/* The configuration as a whole. */

struct conf *
parse_conf(const char *path, const struct parse_define *defines,
    unsigned int n, lex_error_cb *cb, void *arg)
{
	struct conf *result;
	unsigned int i;

	if ((lex = lex_new(cb, arg)) == NULL ||
	    (conf = conf_new()) == NULL) {
		lex_free(lex);
		cb(arg, "out of memory");
		return NULL;
	}
	collector = NULL;
	rules = 0;
	memset(&at, 0, sizeof(at));
	at.last.type = LEX_NEWLINE;
	for (i = 0; i < n; i++)
		if (lex_define(lex, defines[i].name, defines[i].value, 1) ==
		    -1)
			lex_error(lex, "-D %s: not a macro name: use letters, "
			    "digits and _", defines[i].name);
	if (lex_open(lex, path) == 0)
		yyparse();
	result = conf;
	if (lex_errors(lex) > 0) {
		conf_free(conf);
		result = NULL;
	}
	lex_free(lex);
	return result;
}
