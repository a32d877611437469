/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The grammar of pflowd.conf.  Statements are checked here, each by itself and
 * against the others.  Every error is reported and parsing goes on with the
 * next line, so that a file can be corrected in one go; only a brace that is
 * not closed ends it.
 */

%{
#include <sys/types.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <grp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "flow/protocol_id.h"
#include "parse.h"
#include "parse_local.h"
#include "config.h"

#define VALUE_MAX 8191 /* bytes of a macro's value */
#define BRACES 8 /* nested braces with a known place */

/* An open brace, and the word that its statement or setting begins with. */
struct brace {
	struct lex_place place;
	const char *word;
};

/* Position of the parser, to report errors and to match braces. */
struct position {
	struct lex_token last;	/* last token */
	struct lex_token before; /* the one before, newlines skipped */
	int token;		/* yacc token of the last */
	int first_on_line;	/* the last token begins its line */
	int first;		/* first token of the statement */
	int previous;		/* that of the statement before */
	const char *word;	/* first word of the statement or setting */
	int macro;		/* the statement defines a macro */
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
static struct parse_given given; /* settings of the whole */
static struct parse_given given_here; /* those of a collector, or a socket */
static int templates_given; /* in its block */
static struct conf_socket new_socket; /* being read */
static unsigned int socket_errors; /* errors before it */
static struct position at;
static struct rule rule; /* being read, without its lists */
static unsigned int rule_errors; /* errors before it */
static struct item *lists[PARSE_LISTS];
static unsigned int rules;
static char macro_value[VALUE_MAX + 1]; /* of the macro being read */

static int yylex(void);
static void yyerror(const char *);

static void set_timeout(const char *, const char *);
static void set_ifindex(const char *, const char *);
static void set_creator(const char *);
static void define(const char *);
static void add_value(const char *);
static void begin_collector(const char *, const char *);
static void begin_nobody(void);
static void end_collector(void);
static void set_protocol(const char *);
static void set_source(const char *);
static void begin_rule(int);
static void set_out(void);
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
%token END ENGINE EXPORT FROM GROUP HOLD ID IFINDEX IGNORE IN INCLUDE INET INET6
%token INSIDE INTERFACE INTERIM INTERVAL JOIN LAST_PACKET LINKTYPE LOOKUP MTU ON
%token ORIGINAL OUT OUTSIDE
%token PORT PROTO PROTOCOL QUICK QUIET RATE RESTRICTED RULE SELF SOCKET SOURCE
%token STATES TEMPLATES TIMEOUT TO
%token LE GE NE OUTSIDE_OF BETWEEN NL CLOSE WRONG
%token <text> WORD STRING

%type <text> string port_opt timeout_name
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
		parse_once(lex, &given, "interface");
	}
	| SOURCE string {
		parse_source(lex, conf, $2);
		parse_once(lex, &given, "source");
	}
	| INTERVAL WORD {
		conf->interval = parse_interval(lex, $2);
		parse_once(lex, &given, "interval");
	}
	| STATES WORD {
		conf->states = parse_number(lex, $2, 1, 100000000, "states");
		parse_once(lex, &given, "states");
	}
	| INTERIM WORD {
		conf->interim = parse_number(lex, $2, 0, 86400, "interim");
		conf->interim_given = 1;
		parse_once(lex, &given, "interim");
	}
	| JOIN WORD {
		conf->join = parse_join(lex, $2);
		conf->join_given = 1;
		parse_once(lex, &given, "join");
	}
	| HOLD WORD {
		conf->hold = parse_number(lex, $2, 0, 60, "hold");
		parse_once(lex, &given, "hold");
	}
	| QUIET WORD {
		conf->quiet = parse_number(lex, $2, 0, 1440, "quiet");
		parse_once(lex, &given, "quiet");
	}
	| LOOKUP WORD {
		conf->lookup = parse_number(lex, $2, 5, 3600, "lookup");
		parse_once(lex, &given, "lookup");
	}
	| ADDRESSES view {
		conf->policy.view = (enum flow_view)$2;
		parse_once(lex, &given, "addresses");
	}
	| END end_of {
		conf->policy.end = (enum record_end)$2;
		parse_once(lex, &given, "end");
	}
	| TIMEOUT timeout
	| TIMEOUT '{' nl timeouts CLOSE
	| IFINDEX string WORD	{ set_ifindex($2, $3); }
	| CREATOR ANY		{ parse_once(lex, &given, "creator"); }
	| CREATOR WORD {
		set_creator($2);
		parse_once(lex, &given, "creator");
	}
	| ACCOUNT SELF {
		conf->account_self = 1;
		parse_once(lex, &given, "account");
	}
	| COLLECTOR string port_opt '{' { begin_collector($2, $3); } block {
		end_collector();
	}
	| COLLECTOR error '{'	{ yyerrok; begin_nobody(); } block {
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

timeout	: timeout_name WORD	{ set_timeout($1, $2); }
	;

timeout_name
	: WORD
	| INTERVAL		{ $$ = "interval"; /* also a setting */ }
	;

timeouts
	: timeout nl
	| timeouts comma timeout nl
	;

socket_options
	: /* empty */
	| socket_options RESTRICTED {
		new_socket.restricted = 1;
		parse_once(lex, &given_here, "restricted");
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

setting	: SOURCE string {
		set_source($2);
		parse_once(lex, &given_here, "source");
	}
	| ENGINE ID WORD {
		collector->engine_id = (uint8_t)parse_number(lex, $3, 0, 255,
		    "engine id");
		parse_once(lex, &given_here, "engine id");
	}
	| PROTOCOL WORD {
		set_protocol($2);
		parse_once(lex, &given_here, "protocol");
	}
	| DOMAIN WORD {
		collector->domain = parse_number(lex, $2, 1, UINT32_MAX, "domain");
		parse_once(lex, &given_here, "domain");
	}
	| BIFLOW {
		collector->biflow = 1;
		parse_once(lex, &given_here, "biflow");
	}
	| TEMPLATES WORD WORD {
		templates_given = 1;
		collector->templates_datagrams = parse_number(lex, $2, 1, 65535,
		    "templates");
		collector->templates_seconds = parse_number(lex, $3, 1, 3600,
		    "templates");
		parse_once(lex, &given_here, "templates");
	}
	| DSCP WORD {
		collector->dscp = (uint8_t)parse_number(lex, $2, 0, 63, "dscp");
		parse_once(lex, &given_here, "dscp");
	}
	| MTU WORD {
		set_mtu($2);
		parse_once(lex, &given_here, "mtu");
	}
	| RATE WORD {
		collector->rate = parse_number(lex, $2, 1, 10000000, "rate");
		parse_once(lex, &given_here, "rate");
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
	| OUT			{ set_out(); }
	;

which	: /* empty */
	| ALL
	| ON ifnames		{ lists[PARSE_IFNAMES] = $2; }
	;

family	: /* empty */
	| INET			{ rule.family = 4; }
	| INET6			{ rule.family = 6; }
	;

proto_opt
	: /* empty */
	| PROTO protos		{ lists[PARSE_PROTOS] = $2; }
	;

from_opt
	: /* empty */
	| FROM hosts		{ lists[PARSE_FROMS] = $2; }
	| FROM hosts PORT ports {
		lists[PARSE_FROMS] = $2;
		lists[PARSE_FROM_PORTS] = $4;
	}
	| FROM PORT ports	{ lists[PARSE_FROM_PORTS] = $3; }
	;

to_opt	: /* empty */
	| TO hosts		{ lists[PARSE_TOS] = $2; }
	| TO hosts PORT ports {
		lists[PARSE_TOS] = $2;
		lists[PARSE_TO_PORTS] = $4;
	}
	| TO PORT ports		{ lists[PARSE_TO_PORTS] = $3; }
	;

rule_opt
	: /* empty */
	| RULE pf_rules		{ lists[PARSE_NUMBERS] = $2; }
	;

not	: /* empty */		{ $$ = 0; }
	| '!'			{ $$ = 1; }
	;

ifname	: not string		{ $$ = item_ifname(lex, $2, $1); }
	;

ifnames	: ifname
	| '{' nl ifname_list CLOSE { $$ = $3; }
	;

ifname_list
	: ifnames nl
	| ifname_list comma ifnames nl { $$ = item_append($1, $3); }
	;

proto	: string		{ $$ = item_proto(lex, $1); }
	;

protos	: proto
	| '{' nl proto_list CLOSE	{ $$ = $3; }
	;

proto_list
	: protos nl
	| proto_list comma protos nl { $$ = item_append($1, $3); }
	;

host	: not ANY {
		$$ = item_any(lex, RULE_ANY);
		$$->host.negate = 0;
		if ($1)
			lex_error(lex, "\"! any\" matches nothing");
	}
	| not SELF {
		$$ = item_any(lex, RULE_SELF);
		$$->host.negate = (uint8_t)$1;
	}
	| not string {
		$$ = item_host(lex, $2);
		$$->host.negate = (uint8_t)$1;
	}
	;

hosts	: host
	| '{' nl host_list CLOSE	{ $$ = $3; }
	;

host_list
	: hosts nl
	| host_list comma hosts nl { $$ = item_append($1, $3); }
	;

unary	: '='			{ $$ = RULE_PORT_EQ; }
	| NE			{ $$ = RULE_PORT_NE; }
	| '<'			{ $$ = RULE_PORT_LT; }
	| LE			{ $$ = RULE_PORT_LE; }
	| '>'			{ $$ = RULE_PORT_GT; }
	| GE			{ $$ = RULE_PORT_GE; }
	;

port	: string		{ $$ = item_port(lex, RULE_PORT_EQ, $1, NULL); }
	| unary string		{ $$ = item_port(lex, $1, $2, NULL); }
	| string OUTSIDE_OF string {
		$$ = item_port(lex, RULE_PORT_OUTSIDE, $1, $3);
	}
	| string BETWEEN string	{ $$ = item_port(lex, RULE_PORT_BETWEEN, $1, $3); }
	;

ports	: port
	| '{' nl port_list CLOSE	{ $$ = $3; }
	;

port_list
	: ports nl
	| port_list comma ports nl { $$ = item_append($1, $3); }
	;

pf_rule	: WORD			{ $$ = item_number(lex, $1); }
	;

pf_rules
	: pf_rule
	| '{' nl pf_rule_list CLOSE { $$ = $3; }
	;

pf_rule_list
	: pf_rules nl
	| pf_rule_list comma pf_rules nl { $$ = item_append($1, $3); }
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
	{ "interim", INTERIM, 1 },
	{ "interval", INTERVAL, 1 },
	{ "join", JOIN, 1 },
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
	{ "states", STATES, 1 },
	{ "templates", TEMPLATES, 1 },
	{ "timeout", TIMEOUT, 1 },
	{ "to", TO, 0 },
};
#define KEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

/* The token of a keyword; WORD for other words. */
static int
keyword(const char *word)
{
	size_t i;

	for (i = 0; i < KEYWORDS; i++)
		if (strcmp(keywords[i].word, word) == 0)
			return keywords[i].token;
	return WORD;
}

/* The token of a sign. */
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

/* True if a keyword with this token begins a statement, setting or rule. */
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

/* The yacc token of a word, which depends on the braces around it. */
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

/* Record the place of a brace.  The first word in a block begins a setting. */
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
	if (at.first_on_line && at.braces == 0 && token != '\n') {
		at.previous = at.first;
		at.first = token;
	}
	at.words = at.first_on_line ? 1 : at.words + 1;
	if (at.words == 1 && !in_list())
		at.word = at.last.text;
	if (at.words <= 2 && !in_list())
		at.macro = at.words == 2 && token == '=' && at.braces == 0;
	if (token == '{')
		open_brace();
	else if ((token == '}' || token == CLOSE) && at.braces > 0)
		at.braces--;
}

/* Return the next token to yacc; 0 at the end. */
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

/* True if the block of a collector begins on the next line. */
static int
stray_block(void)
{
	return at.token == '{' && at.first_on_line && at.previous == COLLECTOR;
}

/* First word of a statement that begins with no keyword; else NULL. */
static const char *
unknown_statement(void)
{
	if (stray_block())
		return "{";
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

/* True if a line ended too early. */
static int
at_line_end(void)
{
	return at.last.type == LEX_NEWLINE || at.last.type == LEX_END;
}

/* The right form of the statement being read; NULL: not known. */
static const char *
right_form(void)
{
	if (at.token == PORT && strcmp(at.before.text, "}") == 0)
		return "collector host port number { settings }";
	if (at.token == PORT && (at.first == EXPORT || at.first == IGNORE))
		return "from host port number, or to host port number";
	if (depth() == 1 && strcmp(at.word, "source") == 0)
		return "source address";
	if (at.macro)
		return "name = value (a list in quotes: \"{ a b }\")";
	return parse_form(at.word);
}

/* Report a word that begins nothing.  The contents of a stray block follow. */
static void
misplaced_word(const char *word)
{
	const char *where = NULL;

	/* A word that has a form is not misplaced in a block. */
	if (depth() == 0 || parse_form(word) == NULL)
		where = parse_misplaced(word);
	lex_error(lex, "\"%s\" does not begin a %s%s%s", word,
	    depth() == 1 ? "collector setting" : "statement",
	    where != NULL ? ": " : "", where != NULL ? where : "");
	at.stopped = stray_block();
}

/* Report a syntax error, unless the lexer already did. */
static void
yyerror(const char *what)
{
	const char *word, *form;

	if (at.last.type == LEX_WRONG || unclosed_brace())
		return;
	if ((word = keyword_defined()) != NULL) {
		lex_error(lex, "\"%s\" is a keyword: choose another name for "
		    "the macro; a setting has no \"=\"", word);
		return;
	}
	if ((word = unknown_statement()) != NULL) {
		misplaced_word(word);
		return;
	}
	form = right_form();
	lex_error(lex, "%s %s \"%s\"%s%s%s", what,
	    at_line_end() ? "after" : "near",
	    at_line_end() ? at.before.text : at.last.text,
	    at_line_end() ? ": unexpected end of line" : "",
	    form != NULL ? "; use: " : "", form != NULL ? form : "");
}

/* Macros. */

/* Append a text to the value of the macro that is being read. */
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

static void
set_interface(const char *name)
{
	parse_ifname(lex, conf->interface, name, "interface");
}

/* Names are those of pf.conf(5). */
static void
set_timeout(const char *name, const char *value)
{
	int i;

	for (i = 0; i < FLOW_TIMEOUTS; i++) {
		const char *known = record_timeout_name((enum flow_timeout)i);

		if (known == NULL || strcmp(known, name) != 0)
			continue;
		conf->policy.timeout[i] = parse_number(lex, value, 0, INT32_MAX, name);
		if (conf->policy.timeout_source[i] == RECORD_BY_FILE)
			lex_error(lex, "timeout %s: given twice", name);
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
	int twice;

	parse_ifname(lex, checked, name, "ifindex");
	if (checked[0] == '\0')
		return;
	twice = ifindex_fixed(&conf->interfaces, checked);
	if (ifindex_fix(&conf->interfaces, checked,
		parse_number(lex, value, 1, INT32_MAX, "ifindex")) == -1)
		lex_error(lex, "ifindex \"%s\": more than %d interfaces",
		    name, IFINDEX_MAX);
	if (twice)
		lex_error(lex, "ifindex \"%s\": given twice", name);
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

/* The socket is added by end_socket(), unless it has errors. */
static void
begin_socket(const char *path)
{
	memset(&new_socket, 0, sizeof(new_socket));
	memset(&given_here, 0, sizeof(given_here));
	new_socket.fd = -1;
	copy_place(new_socket.place);
	socket_errors = lex_errors(lex);
	if (path[0] != '/')
		lex_error(lex, "socket \"%s\": must be a path that begins with "
		    "/", path);
	parse_text(lex, new_socket.path, sizeof(new_socket.path), path, "socket");
}

/* Only check that the group exists; its members may change later. */
static void
set_group(const char *name)
{
	unsigned int before = lex_errors(lex);

	parse_text(lex, new_socket.group, sizeof(new_socket.group), name, "group");
	if (lex_errors(lex) == before && getgrnam(name) == NULL)
		lex_error(lex, "group \"%s\" does not exist: create it ("
		    PFLOWD_GROUPADD " %s) or name another", name, name);
	parse_once(lex, &given_here, "group");
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
	memset(&given_here, 0, sizeof(given_here));
	templates_given = 0;
}

/* Check the block of a collector in error, too. */
static void
begin_nobody(void)
{
	collector = &nobody;
	memset(&given_here, 0, sizeof(given_here));
}

/* The default protocol stays after an error. */
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

/* Check a collector once its settings are known. */
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
		parse_ifname(lex, checked, scope + 1, "source");
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

	collector->mtu = (uint16_t)parse_number(lex, text, least, 65535, "mtu");
}

/* Rules. */

/* A rule is read into rule and lists, and made by end_rule(). */
static void
begin_rule(int ignore)
{
	memset(&rule, 0, sizeof(rule));
	memset(lists, 0, sizeof(lists));
	rule.ignore = (uint8_t)ignore;
	rule_errors = lex_errors(lex);
}

/* The rules of the current block; NULL: of a collector in error. */
static struct rule_list *
the_list(void)
{
	if (collector == NULL)
		return &conf->filter;
	if (collector == &nobody)
		return NULL;
	return &conf->filters[collector - conf->collectors];
}

/* The first such rule, global or of a collector, is kept for a warning. */
static void
set_out(void)
{
	char *place = collector == NULL ? conf->out_place :
	    conf->out_place_collectors;

	rule.direction = FLOW_OUT;
	if (place[0] == '\0')
		copy_place(place);
}

/* A rule with errors makes none. */
static void
end_rule(void)
{
	if (lex_errors(lex) == rule_errors)
		parse_rules(lex, the_list(), &rule, lists, &rules);
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
	memset(&given, 0, sizeof(given));
	rules = 0;
	memset(&at, 0, sizeof(at));
	at.last.type = LEX_NEWLINE;
	at.last.text = at.before.text = at.word = "";
	for (i = 0; i < n; i++)
		if (lex_define(lex, defines[i].name, defines[i].value, 1) ==
		    -1)
			lex_error(lex, "-D %s: not a macro name: use letters, "
			    "digits and _", defines[i].name);
	if (lex_open(lex, path) == 0)
		yyparse();
	parse_source_check(lex, conf, &given);
	result = conf;
	if (lex_errors(lex) > 0) {
		conf_free(conf);
		result = NULL;
	}
	lex_free(lex);
	return result;
}
