# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# pflowctl -j show counters | python3 sums.py
#
# Whether the accounting of pflowd adds up, as pflowd(8) ACCOUNTING says.

import json
import sys


# Forged octets may be of any size, so sums of them wrap.
def check(what, total, parts):
    good = total == sum(parts) % 2**64
    if not good:
        print('%s: %d is not %s' % (what, total, ' + '.join(map(str, parts))))
    return good


def adds_up(report):
    c = report['counters']
    good = [
        check('frames', c['frames'],
              [c['frames_' + k] for k in ('decoded', 'short', 'version',
                                          'count', 'length', 'fragment',
                                          'clear', 'other_messages',
                                          'other_protocols')]),
        check('states announced', c['states_announced'],
              [c['states'], c['states_cut'], c['states_crashed'],
               c['states_joined']]),
        check('states', c['states'],
              [c['states_' + k] for k in ('exported', 'ignored', 'own',
                                          'other_creator', 'no_packets',
                                          'inexpressible')]),
        check('octets reported', c['octets_reported'],
              [c['octets_' + k] for k in ('exported', 'ignored', 'own',
                                          'other_creator', 'inexpressible',
                                          'crashed')])]
    known = [c['octets_' + k] for k in ('before_start', 'not_followed',
                                        'reported', 'twin', 'cut', 'left')]
    if c['states_tracked'] == 0:
        good.append(check('octets shown', c['octets_shown'], known))
    elif (c['octets_shown'] - sum(known)) % 2**64 >= 2**63:
        print('octets shown: %d is less than what is known: %s' %
              (c['octets_shown'], known))
        good.append(False)
    if 'states_first_seen' in c:
        good.append(check('states first seen', c['states_first_seen'],
                          [c['states_' + k] for k in (
                              'tracked', 'ended_exact', 'ended_perhaps_cut',
                              'ended_cut', 'alive', 'lost')]))
    for row in report['collectors']:
        k = row['counters']
        good += [
            check(row['collector'] + ': states', k['states_offered'],
                  [k['states_' + n] for n in ('given', 'ignored',
                                              'inexpressible_ipv6',
                                              'inexpressible_counters')]),
            check(row['collector'] + ': records', k['records'],
                  [row['records_queued']] +
                  [k['records_' + n] for n in ('sent', 'dropped', 'crashed',
                                               'refused', 'host_unreachable',
                                               'network_unreachable',
                                               'not_permitted', 'too_big',
                                               'failed_other')]),
            check(row['collector'] + ': octets', k['octets'],
                  [row['octets_queued']] +
                  [k['octets_' + n] for n in ('sent', 'dropped', 'failed',
                                              'crashed')])]
    return all(good)


if __name__ == '__main__':
    sys.exit(0 if adds_up(json.load(sys.stdin)) else 1)
