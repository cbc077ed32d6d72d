#!/usr/bin/env node
/* For any Node, however old: what comes after this needs a newer one than it may be run with. */
'use strict';

var needed = [22, 19];
var found = process.versions.node.split('.').map(Number);

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  console.error(
    'Stratograph needs Node.js ' +
      needed.join('.') +
      ' or newer; this is ' +
      process.versions.node +
      '.\nWith a newer one at hand: npx --package=node@24 --package=stratograph stratograph',
  );
  process.exitCode = 2;
} else {
  import('../dist/main.js').catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}
