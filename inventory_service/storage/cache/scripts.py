"""The scripts that run inside Redis. Each names its KEYS, its ARGV and every case of absence."""

from limits.aio.storage.redis.bridge import RedisBridge

ADD: str = RedisBridge.SCRIPT_INCR_EXPIRE.decode()
"""Adds to a counter. KEYS: it. ARGV: seconds that it lasts, where it is new; the amount. Returns what it comes to."""

CACHED = """
-- Tells which blocks of a product are cached. KEYS: the product's lease, block, its lease, block, its lease ….
-- ARGV: none. Where a block is absent its lease is dropped, so that a fill under way is not stored.
-- The product's lease, under which only absent blocks are filled, is dropped in any case.
-- Returns the places of those present: 1 for the first block, 2 for the second ….
redis.call('DEL', KEYS[1])
local present = {}
for i = 2, #KEYS, 2 do
  if redis.call('EXISTS', KEYS[i]) == 1 then
    present[#present + 1] = i / 2
  else
    redis.call('DEL', KEYS[i + 1])
  end
end
return present
"""

CLAIM = """
-- Tells what is cached, or takes the lease of what is not.
-- KEYS: key, its lease. ARGV: token, the lease's lifetime in ms.
-- Returns the value where there is one; else 1 where the caller holds the lease now, 0 where another does.
local value = redis.call('GET', KEYS[1])
if value then
  return value
end
return redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0
"""

PUBLISH = """
-- Puts levels into a cached block where they are not older than what it holds.
-- KEYS: block, its lease, its product's lease. ARGV: the levels, as a block of themselves.
-- The leases are dropped in any case, so that a fill under way is not stored over what is written here.
-- No block: nothing is written, returns -1. A block of another format or length is dropped, returns 0; so is one with
-- an entry whose moment it lacks, where that is seen. Else returns the number of entries written.
-- A moment that the block lacks takes the place of one that no entry uses, or comes behind all: so no block gets more
-- moments than entries. Where most are used by none then, those are taken out.
redis.call('DEL', KEYS[2], KEYS[3])
local block, levels = redis.call('GET', KEYS[1]), ARGV[1]
if not block then
  return -1
end
local byte, sub, char, find = string.byte, string.sub, string.char, string.find
local unpack, floor = struct.unpack, math.floor

-- How many bytes an extra takes at least, by the flags of its entry: those of each part that they tell of.
local parts, sizes = {[4] = 12, [8] = 2, [16] = 4, [32] = 6, [64] = 2}, {}
local function least(flags)
  local size = 0
  for flag, bytes in pairs(parts) do
    size = size + floor(flags / flag) % 2 * bytes
  end
  sizes[flags] = size
  return size
end

-- Where a block's entries begin, what is behind them, and by place from 0 where each entry's extra begins or would, and
-- where the last one ends: no places where there are no extras, and nothing where the block is none. An extra that has
-- details, of flag 64, ends with their length and them.
local function read(text)
  local format, count, moments = byte(text, 1, 3)
  if format ~= 5 or not moments then
    return
  end
  local first = 4 + 6 * moments
  local behind = first + 9 * count
  local at, extras = behind, {}
  if behind <= #text then
    for place = 0, count - 1 do
      extras[place] = at
      local flags = byte(text, first + 9 * place + 1)
      if flags > 3 then
        at = at + (sizes[flags] or least(flags))
        if flags > 63 and floor(flags / 64) % 2 == 1 then
          if at > #text + 1 then
            return
          end
          at = at + unpack('<I2', text, at - 2)
        end
      end
    end
    extras[count] = at
  end
  if at == #text + 1 then
    return first, behind, extras
  end
end

local first, behind, extras = read(block)
if not first then
  redis.call('DEL', KEYS[1])
  return 0
end
local count, moments = byte(block, 2, 3)
local newer_first, newer_behind, newer_extras = read(levels)

-- Where the slot's entry begins, or would begin, and whether it is there. The slots ascend.
local function place_of(slot)
  local low, high = 0, count - 1
  while low <= high do
    local middle = floor((low + high) / 2)
    local here = byte(block, first + 9 * middle)
    if here == slot then
      return first + 9 * middle, true
    elseif here < slot then
      low = middle + 1
    else
      high = middle - 1
    end
  end
  return first + 9 * low, false
end

-- The block's number of a moment; nothing where it lacks it.
local function number_of(moment)
  local at = find(block, moment, 4, true)
  while at and at < first do
    if at % 6 == 4 then
      return (at - 4) / 6
    end
    at = find(block, moment, at + 1, true)
  end
end

-- By the levels' number of a moment, the block's; the numbers that replaced entries had; the places in `pieces` where
-- a number is still to come, and the levels' number for each. `others`: what comes in the place of all extras.
local numbers, replaced, open, wanted = {}, {}, {}, {}
local pieces, from, written, added = {'', ''}, first, 0, 0
local others, extra_from = {}, behind
for at = newer_first, newer_behind - 1, 9 do
  local slot = byte(levels, at)
  local place, held = place_of(slot)
  if not held or unpack('<I4', levels, at + 4) >= unpack('<I4', block, place + 4) then
    local number, last = byte(levels, at + 8), #pieces
    local ours = numbers[number] or number_of(sub(levels, 4 + 6 * number, 9 + 6 * number))
    if ours then
      numbers[number] = ours
    else
      open[#open + 1], wanted[#wanted + 1] = last + 3, number
    end
    pieces[last + 1], pieces[last + 2] = sub(block, from, place - 1), sub(levels, at, at + 7)
    pieces[last + 3] = char(ours or 0)
    from, written = place, written + 1
    if held then
      from, replaced[#replaced + 1] = place + 9, byte(block, place + 8)
    else
      added = added + 1
    end
    local here, there = (place - first) / 9, (at - newer_first) / 9
    local begins = extras[here] or behind
    others[#others + 1] = sub(block, extra_from, begins - 1)
    others[#others + 1] = newer_extras[there] and sub(levels, newer_extras[there], newer_extras[there + 1] - 1)
    extra_from = held and extras[here + 1] or begins
  end
end
if written == 0 then
  return 0
end
pieces[#pieces + 1] = sub(block, from, behind - 1)

local known, sparse = sub(block, 4, first - 1), false
if #open > 0 then
  -- How many entries use each moment, and how many moments are used.
  local uses, used = {}, 0
  for at = first + 8, behind - 1, 9 do
    local number = byte(block, at)
    local so_far = uses[number]
    if so_far then
      uses[number] = so_far + 1
    elseif number < moments then
      uses[number], used = 1, used + 1
    else
      redis.call('DEL', KEYS[1])
      return 0
    end
  end
  for i = 1, #replaced do
    local left = uses[replaced[i]] - 1
    uses[replaced[i]], used = left > 0 and left or nil, left > 0 and used or used - 1
  end
  for _, number in pairs(numbers) do
    uses[number], used = 1, uses[number] and used or used + 1
  end
  local free, at, parts = 0, 1, {}
  for i = 1, #open do
    local number = wanted[i]
    if not numbers[number] then
      while uses[free] do
        free = free + 1
      end
      parts[#parts + 1] = sub(known, at, 6 * free)
      parts[#parts + 1] = sub(levels, 4 + 6 * number, 9 + 6 * number)
      numbers[number], uses[free], used = free, 1, used + 1
      at, moments = 7 + 6 * free, free < moments and moments or free + 1
    end
    pieces[open[i]] = char(numbers[number])
  end
  parts[#parts + 1] = sub(known, at)
  known, sparse = table.concat(parts), moments > 2 * used + 2
end
count = count + added
if sparse then
  local entries, again, kept = table.concat(pieces), {}, {}
  pieces = {'', ''}
  for at = 1, 9 * count, 9 do
    local number = byte(entries, at + 8)
    if not again[number] then
      again[number], kept[#kept + 1] = char(#kept), sub(known, 1 + 6 * number, 6 + 6 * number)
    end
    pieces[#pieces + 1], pieces[#pieces + 2] = sub(entries, at, at + 7), again[number]
  end
  known, moments = table.concat(kept), #kept
end
pieces[1], pieces[2] = char(5, count, moments), known

for i = 1, #others do
  pieces[#pieces + 1] = others[i]
end
pieces[#pieces + 1] = sub(block, extra_from)
redis.call('SET', KEYS[1], table.concat(pieces))
return written
"""

FILL = """
-- Stores what a worker read from Postgres, if its lease still stands.
-- KEYS: key, its lease. ARGV: token of the lease, value, lifetime in ms (0: none).
-- Another token or no lease: nothing is stored. Returns 1 if stored, else 0. What the key held is replaced:
-- whoever writes it meanwhile drops the lease.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
if tonumber(ARGV[3]) > 0 then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
else
  redis.call('SET', KEYS[1], ARGV[2])
end
redis.call('DEL', KEYS[2])
return 1
"""

FILL_WHOLE = """
-- Stores what a rebuilding read of a product from Postgres, where there is nothing, if its lease still stands.
-- KEYS: the product's lease, the blocks' leases, the blocks. ARGV: token, the blocks' values.
-- Another token or no lease: nothing is stored, returns {0}.
-- Else the places of the blocks that hold something else, 1 for the first block: they are left as they are.
-- The blocks' leases are dropped: what their holders read may be older.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return {0}
end
local count, others, all = #ARGV - 1, {}, {}
for i = 1, count do
  all[2 * i - 1], all[2 * i] = KEYS[1 + count + i], ARGV[1 + i]
end
redis.call('DEL', unpack(KEYS, 1, 1 + count))
if redis.call('MSETNX', unpack(all)) == 1 then
  return others
end
for i = 1, count do
  local block, value = all[2 * i - 1], all[2 * i]
  if not redis.call('SET', block, value, 'NX') and redis.call('GET', block) ~= value then
    others[#others + 1] = i
  end
end
return others
"""

TAKE_OVER = """
-- Makes the caller the one publisher whose word counts.
-- KEYS: published. ARGV: epoch of its turn, lineage of its database.
-- A newer epoch of this lineage is held: nothing is written, returns an empty list. Another lineage: its place is lost.
-- Else {run, xact, seq}: run names this start of the server; xact and seq are empty where the place in the log is lost.
local held = redis.call('HMGET', KEYS[1], 'epoch', 'lineage')
if held[2] ~= ARGV[2] then
  redis.call('DEL', KEYS[1])
elseif tonumber(held[1]) > tonumber(ARGV[1]) then
  return {}
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'lineage', ARGV[2])
local place = redis.call('HMGET', KEYS[1], 'xact', 'seq')
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
return {run, place[1] or '', place[2] or ''}
"""

ADVANCE = """
-- Writes the publisher's place in the log, and its sign of life. KEYS: published, live.
-- ARGV: epoch, run, xact, seq, horizon (empty: it lags, live is left to run out), when live ends in ms since 1970.
-- Another epoch (a newer publisher), none (Redis was emptied) or another run (Redis was started again, maybe from an
-- old copy, or a replica took over): nothing is written, returns 0. Else 1.
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then
  return 0
end
if string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], 'xact', ARGV[3], 'seq', ARGV[4])
if ARGV[5] ~= '' then
  redis.call('SET', KEYS[2], ARGV[5], 'PXAT', ARGV[6])
end
return 1
"""
