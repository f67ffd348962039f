#!/usr/bin/env node
// The published `fairlead.js`. It must parse on any Node from 12 on, so that it can say which one is
// needed, and it is a plain copy in dist/: no build step may put newer syntax in.
'use strict';

var fs = require('fs');
var path = require('path');

var needed = '22.19';
/** The id of the first process; set for the second Node only, so that one that is too old as well ends the search. */
var guard = 'FAIRLEAD_LAUNCHED';

function isNewEnough(version) {
  var have = version.split('.').map(Number);
  var want = needed.split('.').map(Number);
  return have[0] > want[0] || (have[0] === want[0] && have[1] >= want[1]);
}

/** The Node that `npm ci` put into the checkout: in `node_modules/.bin` beside this file's folder or above. */
function findOwnNode() {
  var folder = __dirname;
  for (;;) {
    var candidate = path.join(folder, 'node_modules', '.bin', 'node');
    if (fs.existsSync(candidate)) return candidate;
    var parent = path.dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

function refuse() {
  console.error(
    'fairlead needs Node ' +
      needed +
      ' or newer, and this is ' +
      process.versions.node +
      ': install a newer Node, or run `npm ci` in the checkout, which brings one.',
  );
  process.exit(1);
}

function runWith(node) {
  var env = Object.assign({}, process.env);
  env[guard] = String(process.pid);
  // Ctrl-C on a terminal reaches the child by itself; a second one would mean "stop at once".
  var isOnTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  // Before the child starts: a signal in between must not end us and leave it behind.
  var child;
  process.on('SIGINT', function () {
    if (!child) process.exit(130);
    if (!isOnTerminal) child.kill('SIGINT');
  });
  ['SIGTERM', 'SIGHUP'].forEach(function (signal) {
    process.on(signal, function () {
      if (!child) process.exit(143);
      child.kill(signal);
    });
  });
  // Loaded here only: it costs a tenth of the start, and a Node that is new enough never needs it.
  child = require('child_process').spawn(node, [__filename].concat(process.argv.slice(2)), {
    stdio: 'inherit',
    env: env,
  });
  child.on('error', refuse);
  child.on('exit', function (code, signal) {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/**
 * A first process that is killed cannot pass that on: this one then ends as by SIGTERM. Else it would go on where nobody
 * knows of it, and keep what it has locked.
 */
function endWith(parent) {
  var timers = require('timers');
  var timer = timers.setInterval(function () {
    if (process.ppid === parent) return;
    timers.clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  timer.unref();
}

/** On Node 22 loading node:sqlite warns on stderr, which belongs to results of ours. */
function silenceSqliteWarning() {
  var emitWarning = process.emitWarning;
  process.emitWarning = function (warning, type) {
    if (type === 'ExperimentalWarning' && /SQLite/.test(String(warning))) return;
    emitWarning.apply(process, arguments);
  };
}

function start() {
  if (process.env[guard]) endWith(Number(process.env[guard]));
  delete process.env[guard];
  silenceSqliteWarning();
  import('./main.mjs').catch(function (error) {
    console.error(error);
    process.exit(70);
  });
}

function startElsewhere() {
  var ownNode = process.env[guard] ? undefined : findOwnNode();
  if (ownNode) runWith(ownNode);
  else refuse();
}

if (isNewEnough(process.versions.node)) start();
else startElsewhere();
