# Enqueue, capture the generation id.
GEN_ID=$(curl -s -X POST "$BASE_URL/api/ai/queue" \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer $OXEN_API_KEY" \
  -d '{
    "model": "gpt-image-1-5",
    "prompt": "An ox standing in the middle of a long open road, in the snow, centered and staring at the camera. It is quietly snowing around him."
  }' | jq -r '.generations[0].generation_id')

# Stream the SSE channel, grab the data line that follows a
# media_generation_completed event for our id, and pretty-print it.
curl -sN -H "Authorization: Bearer $OXEN_API_KEY" "$BASE_URL/api/events" \
  | awk -v id="$GEN_ID" '
      /^event: media_generation_completed$/ { expect=1; next }
      /^data: / && expect {
        payload = substr($0, 7)
        if (index(payload, "\"generation_id\":\"" id "\"")) {
          print payload; exit
        }
        expect = 0
      }
    ' \
  | jq .
