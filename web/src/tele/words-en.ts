/** 256 plain English words, apart in sound and spelling; their order is part of the safety code. */
export const words: readonly string[] = `
acorn amber anchor apple apron arrow aspen autumn badger baker balloon bamboo banana barley barrel basket beacon bear beaver bell berry
bicycle birch biscuit blanket blossom blue bottle bread brick bridge brook broom bucket bunny butter button cabin cactus camel candle canoe
canyon carpet carrot castle cedar celery chair cherry chess chestnut circle clay cliff cloud clover coast cocoa compass copper coral corn
cotton cradle crane cricket crown daisy deer desert dolphin donkey door dragon drum duck eagle easel elbow elephant ember engine falcon
feather fence fern ferry fiddle field fig finch flag flame flute forest fountain fox frog garden garlic gate ginger giraffe glacier glass
glove goat gold goose granite grape grass green guitar hammer harbor harp hat hazel hedge heron hill honey horse igloo island ivy jacket
jasmine jelly juice kettle kitten kite ladder lake lantern lavender leaf lemon lentil lettuce lily lion lizard llama lobster magnet mango
maple marble meadow melon mill mirror mitten monkey moon mountain mouse mushroom mustard napkin needle nest nickel nutmeg oak oasis oat
ocean olive onion orange orchard otter owl oyster paddle palace panda paper parrot pasta peach peanut pear pebble pencil penguin pepper
piano pigeon pillow pine planet plum pocket pond poppy potato prairie pumpkin puzzle quilt rabbit radish rain raven ribbon rice ring river
robin rocket rose saddle salmon salt sand scarf seal shell shovel silver snail snow sparrow spoon squash star stone straw sugar summer swan
table teapot thistle thunder tiger toast tomato tower train tulip tunnel turtle umbrella valley velvet village violin walnut water
`.trim().split(/\s+/);
