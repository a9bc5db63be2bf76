-- Everything about a tenant and its settings, or nil.
local function tenant_record(id)
  local h = redis.call('HMGET', key('tenant:' .. id), 'name', 'secrets', 'lrs_endpoint', 'lrs_username', 'lrs_password',
    'kc_token_url', 'kc_client_id', 'kc_client_secret', 'kc_username', 'kc_password')
  if not h[1] then
    return nil
  end
  local settings = {}
  for _, setting_id in ipairs(redis.call('SMEMBERS', key('tenant_settings:' .. id))) do
    local s = redis.call('HMGET', key('tenant_setting:' .. setting_id), 'param', 'value', 'override')
    if s[1] then
      settings[#settings + 1] = { setting_id, s[1], s[2] or '', s[3] or '' }
    end
  end
  local record = { id }
  for i = 1, 10 do
    record[i + 1] = h[i] or ''
  end
  record[12] = settings
  return record
end
