"""The scripts that run inside Redis. Each names its KEYS, its ARGV and every case of absence."""

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
-- No block: nothing is written, returns -1. A block of another format or length is dropped, returns 0.
-- Else returns the number of entries written.
redis.call('DEL', KEYS[2], KEYS[3])
local block, levels = redis.call('GET', KEYS[1]), ARGV[1]
if not block then
  return -1
end
local byte, sub, unpack, floor = string.byte, string.sub, struct.unpack, math.floor

-- A block's extras by slot, each with its head, and their slots in order; nothing where the block is none.
local function extras_of(text)
  local extras, slots, at = {}, {}, 3 + 14 * (byte(text, 2) or math.huge)
  while at + 2 <= #text do
    local slot, length = unpack('<BI2', text, at)
    extras[slot], slots[#slots + 1] = sub(text, at, at + 2 + length), slot
    at = at + 3 + length
  end
  if byte(text, 1) == 2 and at == #text + 1 then
    return extras, slots
  end
end

local extras, slots = extras_of(block)
if not extras then
  redis.call('DEL', KEYS[1])
  return 0
end
local newer, count = extras_of(levels), byte(block, 2)

-- Where the slot's entry begins, or would begin, and whether it is there. The slots ascend.
local function place_of(slot)
  local first, last = 0, count - 1
  while first <= last do
    local middle = floor((first + last) / 2)
    local here = byte(block, 3 + 14 * middle)
    if here == slot then
      return 3 + 14 * middle, true
    elseif here < slot then
      first = middle + 1
    else
      last = middle - 1
    end
  end
  return 3 + 14 * first, false
end

local pieces, from, written, added, has_other_extras = {''}, 3, 0, 0, false
for at = 3, 2 + 14 * byte(levels, 2), 14 do
  local slot = byte(levels, at)
  local place, held = place_of(slot)
  if not held or unpack('<I4', levels, at + 8) >= unpack('<I4', block, place + 8) then
    pieces[#pieces + 1] = sub(block, from, place - 1)
    pieces[#pieces + 1] = sub(levels, at, at + 13)
    from, written, added = held and place + 14 or place, written + 1, held and added or added + 1
    if extras[slot] ~= newer[slot] then
      if not extras[slot] then
        slots[#slots + 1] = slot
      end
      extras[slot], has_other_extras = newer[slot], true
    end
  end
end
if written == 0 then
  return 0
end
pieces[1] = string.char(2, count + added)
if has_other_extras then
  pieces[#pieces + 1] = sub(block, from, 2 + 14 * count)
  table.sort(slots)
  for _, slot in ipairs(slots) do
    pieces[#pieces + 1] = extras[slot]
  end
else
  pieces[#pieces + 1] = sub(block, from)
end
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
