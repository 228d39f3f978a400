# Enqueue, capture the generation id.
GEN_ID=$(curl -s -X POST "$BASE_URL/api/ai/queue" \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer $OXEN_API_KEY" \
  -d '{
    "model": "gpt-image-1-5",
    "prompt": "An ox standing in the middle of a long open road, in the snow, centered and staring at the camera. It is quietly snowing around him.",
    "input_image": [
      "'"$INPUT_IMAGE"'"
    ]
  }' | jq -r '.generations[0].generation_id')

# Poll until the generation reaches a terminal status.
while true; do
  STATUS=$(curl -s -H "Authorization: Bearer $OXEN_API_KEY" \
    "$BASE_URL/api/ai/queue/$GEN_ID" | jq -r '.status')
  echo "Status: $STATUS"
  case $STATUS in succeeded|failed|cancelled) break;; esac
  sleep 5
done

# Print the result.
curl -s -H "Authorization: Bearer $OXEN_API_KEY" \
  "$BASE_URL/api/ai/queue/$GEN_ID" | jq .
